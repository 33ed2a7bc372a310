"""Measures the training speed of a network in TensorFlow, in rows per second, in the format of `train.rs`.

Run by `cargo xtask bench train` with a line of `train.rs`, which has the network, the batch size and
the shape of its rows; needs tensorflow-cpu. Fails if the number of parameters differs from that of
Tonearm.

The batch is created once, whereas Tonearm creates one per step. The step is a `tf.function` without XLA,
which would make the CNN four times slower.
"""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import tensorflow as tf
from keras import layers, ops

GENRES = 8
WARM_UP = 3
SECONDS = 5.0


class BatchNorm(layers.Layer):
    """TensorFlow's fused batch norm. The batch norm of Keras 3 is not fused, which makes the CNN 1.5 times slower."""

    def build(self, shape):
        per_channel = dict(shape=(shape[-1],))
        self.scale = self.add_weight(initializer="ones", **per_channel)
        self.offset = self.add_weight(initializer="zeros", **per_channel)
        self.mean = self.add_weight(initializer="zeros", trainable=False, **per_channel)
        self.variance = self.add_weight(initializer="ones", trainable=False, **per_channel)

    def call(self, x):
        x, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x, self.scale.value, self.offset.value, epsilon=1e-5, is_training=True
        )[:3]
        self.mean.assign(0.9 * self.mean + 0.1 * mean)
        self.variance.assign(0.9 * self.variance + 0.1 * variance)
        return x


class LstmCell(layers.Layer):
    """An LSTM cell whose input part of the gates was computed by a dense layer for the whole sequence."""

    def __init__(self, hidden):
        super().__init__()
        self.state_size = [hidden, hidden]

    def build(self, shape):
        self.hidden = self.add_weight(shape=(shape[-1] // 4, shape[-1]))
        self.bias = self.add_weight(shape=(shape[-1],))

    def call(self, gates, states):
        state, cell = states
        gates = gates + ops.matmul(state, self.hidden) + self.bias
        input_gate, forget_gate, candidate, output_gate = ops.split(gates, 4, axis=-1)
        cell = ops.sigmoid(forget_gate) * cell + ops.sigmoid(input_gate) * ops.tanh(candidate)
        state = ops.sigmoid(output_gate) * ops.tanh(cell)
        return state, [state, cell]


class Members(layers.Layer):
    """A dense layer of several ensemble members, on rows of shape `[members or 1, batch, n_inputs]`."""

    def __init__(self, members, outputs):
        super().__init__()
        self.size = members, outputs

    def build(self, shape):
        members, outputs = self.size
        self.weight = self.add_weight(shape=(members, shape[-1], outputs))
        self.bias = self.add_weight(shape=(members, 1, outputs))

    def call(self, x):
        return ops.matmul(x, self.weight) + self.bias


def means_and_maxima(x, axis):
    return ops.concatenate([ops.mean(x, axis), ops.max(x, axis)], -1)


def cnn(rows):
    x = ops.expand_dims(rows, -1)
    x = layers.ZeroPadding2D(2)(x)
    x = layers.MaxPooling2D(2)(layers.ReLU()(BatchNorm()(conv2d(x, 16, 5, 2, "valid"))))
    x = layers.ReLU()(BatchNorm()(conv2d(x, 32)))
    x = layers.MaxPooling2D(2)(layers.ReLU()(BatchNorm()(conv2d(x, 32)) + x))
    x = layers.ReLU()(BatchNorm()(conv2d(x, 64)))
    x = layers.MaxPooling2D((2, 1))(layers.ReLU()(BatchNorm()(conv2d(x, 64)) + x))
    x = layers.ReLU()(BatchNorm()(conv2d(x, 128)))
    features = means_and_maxima(x, 1)
    steps = layers.Dense(GENRES)(layers.Dropout(0.3)(features))
    return ops.mean(steps, 1, keepdims=True)


def conv2d(x, channels, kernel=3, stride=1, padding="same"):
    return layers.Conv2D(channels, kernel, stride, padding, use_bias=False)(x)


def rnn(rows):
    x = rows
    for kernel in (5, 3, 3):
        x = layers.ZeroPadding1D(kernel // 2)(x)
        x = layers.Conv1D(64, kernel, 2, use_bias=False)(x)
        # The fused batch norm needs 4D input.
        x = layers.ReLU()(ops.squeeze(BatchNorm()(ops.expand_dims(x, 1)), 1))
    x = layers.Bidirectional(layers.GRU(64, return_sequences=True, unroll=True))(x)
    half = x.shape[1] // 2
    features = ops.stack([means_and_maxima(x[:, :half], 1), means_and_maxima(x[:, half:], 1)], 1)
    steps = layers.Dense(GENRES)(layers.Dropout(0.4)(features))
    return ops.mean(steps, 1, keepdims=True)


def mlp(rows):
    x = ops.transpose(rows, (1, 0, 2))
    for hidden in (128, 128):
        x = layers.Dropout(0.3)(layers.ReLU()(Members(8, hidden)(x)))
    return ops.transpose(Members(8, 11)(x), (1, 0, 2))


def original_cnn(rows):
    x = ops.expand_dims(rows, -1)
    for channels in (8, 32):
        x = layers.MaxPooling2D(2)(layers.Conv2D(channels, 3, activation="relu")(x))
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    return ops.expand_dims(layers.Dense(GENRES)(x), 1)


def original_rnn(rows):
    x = layers.RNN(LstmCell(64), return_sequences=True)(layers.Dense(256)(rows))
    x = layers.RNN(LstmCell(64))(layers.Dense(256)(x))
    x = layers.Dropout(0.5)(layers.Dense(64, activation="relu")(x))
    return ops.expand_dims(layers.Dense(GENRES)(x), 1)


def original_mlp(rows):
    x = layers.Dense(90, activation="relu")(rows)
    second = layers.Dense(1)(x)
    return ops.concatenate([ops.zeros_like(second), second], -1)


def cross_entropy(targets, logits):
    return tf.nn.softmax_cross_entropy_with_logits(targets, logits)


def squared_error(targets, logits):
    return tf.reduce_sum(0.5 * tf.square(tf.nn.softmax(logits) - targets), -1)


optimizers = keras.optimizers

# Each network with its optimiser, its L2 penalty in the gradient and its loss.
NETWORKS = {
    "cnn": (cnn, optimizers.AdamW(2e-3, weight_decay=0.02), 0.0, cross_entropy),
    "rnn": (rnn, optimizers.AdamW(2e-3, weight_decay=0.02), 0.0, cross_entropy),
    "mlp": (mlp, optimizers.AdamW(3e-3, weight_decay=0.2), 0.0, cross_entropy),
    "original-cnn": (original_cnn, optimizers.SGD(0.01, momentum=0.9), 0.0, cross_entropy),
    "original-rnn": (original_rnn, optimizers.Adam(1e-4), 1e-5, cross_entropy),
    "original-mlp": (original_mlp, optimizers.SGD(0.01), 0.0, squared_error),
}


def measure(ours):
    network, optimizer, decay, loss_of = NETWORKS[ours["network"]]
    rows = keras.Input(ours["shape"])
    model = keras.Model(rows, network(rows))
    if model.count_params() != ours["parameters"]:
        sys.exit(f"{model.count_params()} parameters, Tonearm has {ours['parameters']}")
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function
    def step(rows, targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(loss_of(targets, model(rows, training=True)))
        grads = tape.gradient(loss, variables)
        if decay > 0:
            grads = [grad + decay * value for grad, value in zip(grads, variables)]
        optimizer.apply(grads, variables)
        return loss

    batch, (_, members, labels) = ours["batch"], model.output_shape
    rows = tf.random.uniform((batch, *ours["shape"]))
    label = tf.random.uniform((batch, 1), maxval=labels, dtype=tf.int32)
    targets = tf.repeat(tf.one_hot(label, labels), members, axis=1)

    for _ in range(WARM_UP):
        step(rows, targets)
    started, steps = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS:
        # Reading the loss waits until the step is done.
        step(rows, targets).numpy()
        steps += 1
    seconds = time.perf_counter() - started
    return dict(
        ours, parameters=model.count_params(), rows_per_second=steps * batch / seconds,
        tensorflow=tf.__version__, keras=keras.__version__,
    )


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
