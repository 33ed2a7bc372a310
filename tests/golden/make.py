"""Writes the golden vectors next to this file: the features of a 30 s window, and a GRU.

Run `cargo xtask golden`; needs librosa==0.11.0, onnx and onnxruntime. `--check` compares, as in
`crates/dsp/tests/golden/make.py`, which has the vectors of the single steps of the features.
"""

import sys
from pathlib import Path

import librosa
import numpy as np
import onnx
import onnxruntime

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "crates/dsp/tests/golden"))
from make import main, noise, numbers  # noqa: E402

SECONDS = 30


def song(rate):
    """Swelling tones with vibrato and a rising sweep, as `song` in `features.rs` computes them.

    Nothing lies above 9.7 kHz, since libsoxr and Tonearm differ in the transition band of the
    resampling filter, 10 to 11 kHz.
    """
    t = np.arange(SECONDS * rate) / rate
    samples = 0.1 * np.sin(2 * np.pi * (50 + 4700 * t / SECONDS) * t)
    for k in range(12):
        hz = 55 * 1.6**k
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * (0.1 + 0.07 * k) * t)
        vibrato = 2 * np.sin(2 * np.pi * 5 * t)
        samples += 0.3 / (k + 2) * swell * np.sin(2 * np.pi * hz * t + vibrato)
    return samples.astype(np.float32).astype(np.float64)


def mel_db(samples, rate, reference):
    power = librosa.feature.melspectrogram(
        y=samples, sr=rate, n_fft=2048, hop_length=512, n_mels=128, pad_mode="constant"
    )
    return librosa.power_to_db(power, ref=reference, top_db=80)


def patch_case():
    """All bands of some columns of the log-mel patch."""
    db = mel_db(song(44_100), 44_100, np.max)
    frames = np.floor((np.arange(128) + 0.5) * db.shape[1] / 128).astype(int)
    columns = list(range(0, 128, 9)) + [127]
    return dict(columns=columns, expected=numbers(1 + db[:, frames[columns]].T / 80))


def segments_case(rate):
    """All coefficients of some frames of each MFCC segment, of a song at this sample rate."""
    samples = librosa.resample(song(rate), orig_sr=rate, target_sr=22_050)
    mfcc = librosa.feature.mfcc(S=mel_db(samples, 22_050, 1.0), n_mfcc=20).T
    starts = [min(130 * segment, len(mfcc) - 130) for segment in range(10)]
    frames = [0, 64, 129]
    expected = [[mfcc[start + frame] for frame in frames] for start in starts]
    return dict(rate=rate, frames=frames, expected=numbers(expected))


def gru_case(n_batch, n_frames, n_inputs, n_hidden):
    """States of ONNX Runtime's bidirectional GRU, `[n_batch][n_frames][2 * n_hidden]`.

    Weights, biases and inputs are noise in -1..1, in this order and in ONNX's layout.
    """
    shapes = dict(
        W=(2, 3 * n_hidden, n_inputs), R=(2, 3 * n_hidden, n_hidden), B=(2, 6 * n_hidden),
        X=(n_frames, n_batch, n_inputs),
    )
    values = 2 * np.array(noise(sum(np.prod(shape) for shape in shapes.values())), np.float32)
    ends = np.cumsum([np.prod(shape) for shape in shapes.values()])
    parts = np.split(values, ends[:-1])
    inputs = {name: part.reshape(shapes[name]) for name, part in zip(shapes, parts)}

    tensor = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node(
        "GRU", ["X", "W", "R", "B"], ["Y"], hidden_size=n_hidden, direction="bidirectional",
        linear_before_reset=1,
    )
    declared = [tensor(name, onnx.TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    output = tensor("Y", onnx.TensorProto.FLOAT, (n_frames, 2, n_batch, n_hidden))
    graph = onnx.helper.make_graph([node], "gru", declared, [output])
    opset = onnx.helper.make_opsetid("", 14)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    [states] = session.run(["Y"], inputs)
    return dict(
        n_batch=n_batch, n_frames=n_frames, n_inputs=n_inputs, n_hidden=n_hidden,
        expected=numbers(states.transpose(2, 0, 1, 3)),
    )


def gru_cases():
    # Neither 5 nor 9 is a multiple of the SIMD width, and 8 is.
    return [gru_case(3, 7, 5, 9), gru_case(1, 12, 3, 8)]


def segments_cases():
    return [segments_case(rate) for rate in (22_050, 44_100)]


CASES = dict(patch=lambda: [patch_case()], segments=segments_cases, gru=gru_cases)


if __name__ == "__main__":
    main(HERE, CASES)
