"""Exports the shipped networks as ONNX with random weights, for `cargo xtask bench browser`.

Needs onnx. Writes `cnn.onnx` and `rnn.onnx`, with the layers of `src/models/{cnn,rnn,gru}.rs`, into the
folder in the first argument. A JSON file next to each has its number of parameters, which the benchmark
compares with that of Tonearm.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LABELS = 8
CHANNELS = [16, 32, 32, 64, 64, 128]
# Kernel, stride, residual connection and pooling of each block.
BLOCKS = [
    (5, 2, False, [2, 2]),
    (3, 1, False, None),
    (3, 1, True, [2, 2]),
    (3, 1, False, None),
    (3, 1, True, [2, 1]),
    (3, 1, False, None),
]
KERNELS = [5, 3, 3]
WIDTH = 64  # channels and hidden size of the RNN
STEPS = 2


class Graph:
    """An ONNX graph under construction."""

    def __init__(self):
        self.random = np.random.default_rng(0)
        self.nodes, self.constants, self.parameters = [], [], 0

    def node(self, kind, *inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0]

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def weights(self, *shape, positive=False):
        values = self.random.uniform(0.5 if positive else -0.1, 1.0 if positive else 0.1, shape)
        self.parameters += values.size
        return self.constant(values.astype(np.float32))

    def axes(self, *axes):
        return self.constant(np.array(axes, np.int64))

    def conv_norm(self, x, inputs, outputs, kernel, stride, dimensions):
        conv = self.node(
            "Conv", x, self.weights(outputs, inputs, *[kernel] * dimensions),
            kernel_shape=[kernel] * dimensions, strides=[stride] * dimensions,
            pads=[kernel // 2] * 2 * dimensions,
        )
        norm = [self.weights(outputs, positive=True) for _ in range(4)]
        return self.node("BatchNormalization", conv, *norm, epsilon=1e-5)

    def mean_and_max(self, x, axis, into):
        mean = self.node("ReduceMean", x, self.axes(axis), keepdims=1)
        maximum = self.node("ReduceMax", x, self.axes(axis), keepdims=1)
        return self.node("Concat", mean, maximum, axis=into)

    def linear(self, x, inputs):
        return self.node("Add", self.node("MatMul", x, self.weights(inputs, LABELS)), self.weights(LABELS))

    def write(self, folder, name, shape, steps, logits):
        rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, shape)
        output = helper.make_tensor_value_info(logits, TensorProto.FLOAT, [shape[0], steps, LABELS])
        graph = helper.make_graph(self.nodes, name, [rows], [output], self.constants)
        # Versions that onnxruntime-web 1.30 supports.
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        onnx.checker.check_model(model)
        onnx.save(model, folder / f"{name}.onnx")
        (folder / f"{name}.json").write_text(json.dumps({"parameters": self.parameters}))


def cnn(folder):
    graph, inputs = Graph(), 1
    x = graph.node("Unsqueeze", "rows", graph.axes(1))
    for channels, (kernel, stride, residual, pool) in zip(CHANNELS, BLOCKS):
        convolved = graph.conv_norm(x, inputs, channels, kernel, stride, 2)
        if residual:
            convolved = graph.node("Add", convolved, x)
        x = graph.node("Relu", convolved)
        if pool:
            x = graph.node("MaxPool", x, kernel_shape=pool, strides=pool)
        inputs = channels
    features = graph.mean_and_max(x, 2, 1)  # [1, features, 1, steps]
    steps = graph.node("Transpose", graph.node("Squeeze", features, graph.axes(2)), perm=[0, 2, 1])
    graph.write(folder, "cnn", [1, 128, 128], 16, graph.linear(steps, 2 * inputs))


def rnn(folder):
    graph, inputs, frames = Graph(), 20, 130
    x = graph.node("Transpose", "rows", perm=[0, 2, 1])
    for kernel in KERNELS:
        x = graph.node("Relu", graph.conv_norm(x, inputs, WIDTH, kernel, 2, 1))
        inputs, frames = WIDTH, -(-frames // 2)
    x = graph.node("Transpose", x, perm=[2, 0, 1])  # [frames, batch, channels]
    gates = [graph.weights(2, 3 * WIDTH, WIDTH) for _ in range(2)] + [graph.weights(2, 6 * WIDTH)]
    states = graph.node("GRU", x, *gates, hidden_size=WIDTH, direction="bidirectional", linear_before_reset=1)
    states = graph.node("Transpose", states, perm=[2, 0, 1, 3])  # [batch, frames, direction, hidden]
    states = graph.node("Reshape", states, graph.axes(0, 0, 2 * WIDTH))
    steps = []
    for step in range(STEPS):
        start, end = step * frames // STEPS, -(-(step + 1) * frames // STEPS)
        part = graph.node("Slice", states, graph.axes(start), graph.axes(end), graph.axes(1))
        steps.append(graph.mean_and_max(part, 1, 2))
    steps = graph.node("Concat", *steps, axis=1)
    graph.write(folder, "rnn", [10, 130, 20], STEPS, graph.linear(steps, 4 * WIDTH))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    cnn(folder)
    rnn(folder)
