"""Writes the golden vectors next to this file.

Run `cargo xtask golden`; needs librosa==0.11.0. `--check` remakes them and compares within
1e-6 of each vector's largest value (last digits vary with the processor), so that vectors and
script cannot drift apart.

Signals are formulae, the same here and in `signal.rs`, so that no waveform is stored. They are
rounded to float32, the type that the crate reads, and then analysed in float64.
"""

import json
import sys
from pathlib import Path

import librosa
import numpy as np

HERE = Path(__file__).parent


def noise(n):
    """Uniform noise in -0.5..0.5, from the linear congruential generator of Numerical Recipes."""
    state, samples = 1, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        samples.append((state >> 8) / 2**24 - 0.5)
    return samples


def sine(n, sample_rate, hz):
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(n) / sample_rate)


def chirp(n, sample_rate, from_hz, to_hz):
    t = np.arange(n) / sample_rate
    seconds = n / sample_rate
    return 0.5 * np.sin(2 * np.pi * (from_hz + (to_hz - from_hz) * t / (2 * seconds)) * t)


def click(n):
    samples = np.zeros(n)
    samples[n // 2] = 1.0
    return samples


def silence(n):
    return np.zeros(n)


MAKE = dict(noise=noise, sine=sine, chirp=chirp, click=click, silence=silence)


def samples_of(signal):
    arguments = {key: value for key, value in signal.items() if key != "kind"}
    return np.asarray(MAKE[signal["kind"]](**arguments), dtype=np.float32).astype(np.float64)


def every_signal(n, sample_rate):
    return [
        dict(kind="noise", n=n),
        dict(kind="sine", n=n, sample_rate=sample_rate, hz=440.0),
        dict(kind="chirp", n=n, sample_rate=sample_rate, from_hz=50.0, to_hz=0.45 * sample_rate),
        dict(kind="click", n=n),
        dict(kind="silence", n=n),
    ]

DEFAULT = dict(sample_rate=22_050, n_fft=2048, hop=512, n_mels=128, f_min=0.0, f_max=11_025.0)
PICTURE = dict(sample_rate=44_100, n_fft=2048, hop=512, n_mels=128, f_min=0.0, f_max=22_050.0)
SPEECH = dict(sample_rate=16_000, n_fft=512, hop=160, n_mels=40, f_min=30.0, f_max=7_600.0)
SMALL = dict(sample_rate=8_000, n_fft=250, hop=100, n_mels=12, f_min=0.0, f_max=4_000.0)


def mel_bank(config):
    return librosa.filters.mel(
        sr=config["sample_rate"], n_fft=config["n_fft"], n_mels=config["n_mels"],
        fmin=config["f_min"], fmax=config["f_max"], dtype=np.float64,
    )


def mel_power(config, signal):
    """Power mel spectrogram, `[n_mels, n_frames]`."""
    return librosa.feature.melspectrogram(
        y=samples_of(signal), sr=config["sample_rate"], n_fft=config["n_fft"],
        hop_length=config["hop"], n_mels=config["n_mels"],
        fmin=config["f_min"], fmax=config["f_max"], pad_mode="constant",
    )


def window_cases():
    return [
        dict(n=n, expected=numbers(librosa.filters.get_window("hann", n, fftbins=True)))
        for n in (2, 6, 255, 512, 1000)
    ]


def stft_case(n_fft, hop, frames, signal):
    spectrum = librosa.stft(samples_of(signal), n_fft=n_fft, hop_length=hop, pad_mode="constant")
    power = np.abs(spectrum.T) ** 2
    return dict(
        config=dict(n_fft=n_fft, hop=hop), signal=signal, n_frames=len(power), frames=frames,
        expected=numbers(power[frames]),
    )


def stft_cases():
    small = [stft_case(256, 100, [0, 1, 10, 20], s) for s in every_signal(2_000, 8_000)]
    odd = [stft_case(250, 64, [0, 7, 16], s) for s in every_signal(1_050, 8_000)[:1]]
    default = [stft_case(2048, 512, [6], s) for s in every_signal(6_000, 22_050)[:3]]
    return small + odd + default


def mel_case(config):
    """The bank applied to a noise spectrum: a smaller file than the bank, but as sensitive."""
    power = np.abs(noise(config["n_fft"] // 2 + 1))
    return dict(config=config, expected=numbers(mel_bank(config) @ power))


def mel_cases():
    wide = dict(sample_rate=48_000, n_fft=4096, hop=1024, n_mels=64, f_min=20.0, f_max=20_000.0)
    return [mel_case(config) for config in (DEFAULT, PICTURE, SPEECH, SMALL, wide)]


def bank_cases():
    return [dict(config=config, expected=numbers(mel_bank(config))) for config in (SMALL,)]


def log_mel_case(config, signal, reference, top_db):
    """A `reference` of None stands for the loudest cell."""
    power = mel_power(config, signal)
    ref = np.max if reference is None else reference
    db = librosa.power_to_db(power, ref=ref, top_db=top_db)
    return dict(
        config=config, signal=signal, reference=reference, top_db=top_db, expected=numbers(db.T)
    )


def log_mel_cases():
    cases = [log_mel_case(DEFAULT, s, None, 80.0) for s in every_signal(2_500, 22_050)]
    cases += [log_mel_case(PICTURE, s, None, 80.0) for s in every_signal(2_048, 44_100)[:3]]
    cases += [log_mel_case(SPEECH, s, 1.0, 80.0) for s in every_signal(1_000, 16_000)]
    cases += [log_mel_case(SMALL, s, 0.01, 40.0) for s in every_signal(900, 8_000)]
    return cases


def mfcc_case(config, signal, n_mfcc):
    # Given `S`, librosa's mfcc uses it as a log-power mel spectrogram in decibels.
    db = librosa.power_to_db(mel_power(config, signal))
    return dict(
        config=config, signal=signal, n_mfcc=n_mfcc,
        expected=numbers(librosa.feature.mfcc(S=db, n_mfcc=n_mfcc).T),
    )


def mfcc_cases():
    cases = [mfcc_case(DEFAULT, s, 20) for s in every_signal(12_000, 22_050)]
    cases += [mfcc_case(SPEECH, s, 13) for s in every_signal(3_000, 16_000)]
    cases += [mfcc_case(SMALL, s, 12) for s in every_signal(2_000, 8_000)]
    return cases


def resample_case(from_rate, to_rate):
    """Three excerpts of a chirp across the passband, away from both ends."""
    nyquist = min(from_rate, to_rate) / 2
    n = from_rate // 2
    signal = dict(kind="chirp", n=n, sample_rate=from_rate, from_hz=20.0, to_hz=0.85 * nyquist)
    out = librosa.resample(samples_of(signal), orig_sr=from_rate, target_sr=to_rate)
    starts = [len(out) * part // 100 for part in (10, 50, 90)]
    return dict(
        signal=signal, from_rate=from_rate, to_rate=to_rate, starts=starts, length=60,
        expected=numbers([out[start : start + 60] for start in starts]),
    )


def resample_cases():
    rates = [
        (44_100, 22_050), (48_000, 22_050), (22_050, 44_100), (48_000, 44_100),
        (8_000, 44_100), (16_000, 44_100), (96_000, 44_100), (11_025, 22_050),
    ]
    return [resample_case(*pair) for pair in rates]


def gain_of(hz, from_rate, to_rate):
    """Amplitude of a tone after librosa's resampling (soxr_hq), away from the ends."""
    tone = np.sin(2 * np.pi * hz * np.arange(from_rate) / from_rate)
    out = librosa.resample(tone, orig_sr=from_rate, target_sr=to_rate)
    return np.sqrt(2 * np.mean(out[len(out) // 4 : -len(out) // 4] ** 2))


def roll_off_cases():
    """Gains around the edge of the passband, at fractions of the new Nyquist frequency."""
    parts = [0.5, 0.9, 0.93, 0.94, 0.95, 0.96, 0.97]
    gains = [gain_of(part * 11_025, 44_100, 22_050) for part in parts]
    return [dict(from_rate=44_100, to_rate=22_050, parts=parts, expected=numbers(gains))]


CASES = dict(
    window=window_cases, stft=stft_cases, mel=mel_cases, bank=bank_cases, log_mel=log_mel_cases,
    mfcc=mfcc_cases, resample=resample_cases, roll_off=roll_off_cases,
)


def numbers(values):
    """Flattens the values, each with the fewest digits that identify its float32."""
    return [float(str(value)) for value in np.asarray(values, dtype=np.float32).ravel()]


def differences(name, made, stored):
    """Yields a message for each case that differs from the stored file."""
    if len(made) != len(stored):
        yield f"{name}: {len(made)} cases, stored are {len(stored)}"
    for index, (new, old) in enumerate(zip(made, stored)):
        new, old = dict(new), dict(old)
        got, expected = np.array(new.pop("expected")), np.array(old.pop("expected"))
        if new != old:
            yield f"{name}[{index}]: another case, {new} instead of {old}"
        elif got.shape != expected.shape:
            yield f"{name}[{index}]: {got.size} values, stored are {expected.size}"
        elif np.abs(got - expected).max() > 1e-6 * np.abs(expected).max():
            yield f"{name}[{index}]: off by {np.abs(got - expected).max():e}, {old}"


def check(folder, cases):
    """Returns the exit code: 1 if a vector differs."""
    found = [
        difference
        for name, make in cases.items()
        for difference in differences(name, make(), json.loads(path(folder, name).read_text()))
    ]
    print("\n".join(found) or f"{len(cases)} golden files in {folder} are up to date")
    return 1 if found else 0


def write(folder, cases):
    for name, make in cases.items():
        path(folder, name).write_text(json.dumps(make(), separators=(",", ":")) + "\n")
    return 0


def path(folder, name):
    return folder / f"{name}.json"


def main(folder, cases):
    """Writes the files of a folder, or compares them with `--check`, and exits."""
    if librosa.__version__ != "0.11.0":
        sys.exit(f"librosa 0.11.0 is needed, this is {librosa.__version__}")
    sys.exit((check if "--check" in sys.argv[1:] else write)(folder, cases))


if __name__ == "__main__":
    main(HERE, CASES)
