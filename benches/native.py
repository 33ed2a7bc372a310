"""Seconds that librosa needs for the features of a folder of clips, with as many processes as there are cores.

Run by `cargo xtask bench native`; needs librosa==0.11.0. `--make FOLDER` writes the clips: mp3, 44.1 kHz,
stereo, 30 s. `mel FOLDER` and `mfcc FOLDER` compute what `tonearm extract` does, of each file, and print
the seconds, and those of them that decoding took; starting the processes and importing librosa do not
count.
"""

import os

# A process for each core, and no threads in them.
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
    """Chirps over noise that swells: something in every band, and no two clips alike."""
    whole, folder = folder, folder.with_suffix(".part")
    random = np.random.default_rng(0)
    t = np.arange(RATE * SECONDS) / RATE
    for index in range(CLIPS):
        genre = folder / ["Chirps", "Sweeps"][index % 2]
        genre.mkdir(parents=True, exist_ok=True)
        tone = np.sin(2 * np.pi * (110 + 20 * index) * t * (1 + t / 10))
        hiss = random.uniform(-1, 1, (2, t.size)) * (0.5 + 0.5 * np.sin(2 * np.pi * t))
        soundfile.write(genre / f"{index}.mp3", (0.4 * tone + 0.2 * hiss).T, RATE, format="MP3")
    folder.rename(whole)


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
        # The first of each process loads what librosa loads late.
        pool.map(feature, clips[: os.cpu_count()], chunksize=1)
        return seconds(pool, feature, clips), seconds(pool, decode, clips)


def seconds(pool, task, clips):
    started = time.perf_counter()
    pool.map(Silently(task), clips, chunksize=1)
    return time.perf_counter() - started


class Silently:
    """Does something with a clip and leaves what came of it in the process: it would travel."""

    def __init__(self, task):
        self.task = task

    def __call__(self, path):
        self.task(path)


if __name__ == "__main__":
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "--make":
        make(folder)
    else:
        print(*measure(dict(mel=mel, mfcc=mfcc)[what], folder))
