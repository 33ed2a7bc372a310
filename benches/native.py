"""Measures how long librosa takes for the features of a folder of clips, with one process per core.

Run by `cargo xtask bench native`; needs librosa==0.11.0. `--make FOLDER` writes the clips: mp3, 44.1 kHz,
stereo, 30 s. `mel FOLDER` and `mfcc FOLDER` compute the same features as `tonearm extract` and print two
numbers: the total seconds and the seconds of decoding. Starting the processes and importing librosa are
not included.
"""

import os

# One thread per process, since there is one process per core.
os.environ |= dict(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
import time
from multiprocessing import Pool
from pathlib import Path

import librosa
import numpy as np
import soundfile

CLIPS = 32
RATE = 44_100
SECONDS = 30
COLUMNS = 128


def make(folder):
    """Writes clips of chirps over noise of varying level, which have energy in every band and all differ."""
    finished, folder = folder, folder.with_suffix(".part")
    random = np.random.default_rng(0)
    t = np.arange(RATE * SECONDS) / RATE
    for index in range(CLIPS):
        genre = folder / ["Chirps", "Sweeps"][index % 2]
        genre.mkdir(parents=True, exist_ok=True)
        tone = np.sin(2 * np.pi * (110 + 20 * index) * t * (1 + t / 10))
        hiss = random.uniform(-1, 1, (2, t.size)) * (0.5 + 0.5 * np.sin(2 * np.pi * t))
        soundfile.write(genre / f"{index}.mp3", (0.4 * tone + 0.2 * hiss).T, RATE, format="MP3")
    folder.rename(finished)


def decode(path):
    return librosa.load(path, sr=None, duration=SECONDS)


def mel(path):
    samples, rate = decode(path)
    power = librosa.feature.melspectrogram(y=samples, sr=rate, n_fft=2048, hop_length=512, n_mels=128)
    decibels = librosa.power_to_db(power, ref=np.max)
    columns = ((np.arange(COLUMNS) + 0.5) * decibels.shape[1] / COLUMNS).astype(int)
    return np.uint8((decibels[:, columns] + 80) / 80 * 255)


def mfcc(path):
    samples, rate = librosa.load(path, sr=22_050, duration=SECONDS)
    return librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=20, n_fft=2048, hop_length=512)


def measure(feature, folder):
    clips = sorted(folder.rglob("*.mp3"))
    with Pool(os.cpu_count()) as pool:
        # Warms up each process, since librosa loads modules lazily.
        pool.map(feature, clips[: os.cpu_count()], chunksize=1)
        return seconds(pool, feature, clips), seconds(pool, decode, clips)


def seconds(pool, task, clips):
    started = time.perf_counter()
    pool.map(DiscardResult(task), clips, chunksize=1)
    return time.perf_counter() - started


class DiscardResult:
    """Runs a task without returning its result, which would be copied between processes."""

    def __init__(self, task):
        self.task = task

    def __call__(self, path):
        self.task(path)


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "--make":
        make(folder)
    else:
        print(*measure(dict(mel=mel, mfcc=mfcc)[command], folder))
