"""Preparing a town keeps its labels; the documented way to calibrate works as it is written."""

import csv
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from answerable.place import contraction
from answerable.place.calibrate import read_calibration
from answerable.place.hublabels import read_labels
from answerable.place.prepare import main
from answerable.place.town_places import Places
from answerable.place.travel import Travel

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "calibrate-travel-times.md"


def test_preparing_writes_labels_that_fit(
    san_francisco: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(san_francisco.folder / "streets.geojson.gz", tmp_path)
    assert main([str(tmp_path)]) == 0
    assert "9077 junctions" in capsys.readouterr().out
    assert read_labels(tmp_path / "hub_labels.npz").checksum == san_francisco.roads.checksum


def test_preparing_a_folder_without_streets_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("Streets not read")
    assert told.count("\n") == 1


def test_a_running_service_never_loads_the_compiler(san_francisco: Places) -> None:
    asks = (
        "import sys; from pathlib import Path;"
        "from answerable.place.town_places import load_places;"
        f"p = load_places(Path({str(san_francisco.folder)!r}));"
        "p.locate(-122.42, 37.77); p.near_station(-122.42, 37.77); p.travel.route(5, 4000);"
        "print([m for m in ('numba', 'pandas', 'pyarrow', 'scipy') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_labels_can_be_built_where_no_cache_can_be_written(tmp_path: Path) -> None:
    """As in a package installed by root and run by a user without a home of its own."""
    shutil.copy(contraction.__file__, tmp_path / "alone.py")
    (tmp_path / "__pycache__").write_text("a file, so that no folder can be made here")
    asks = (
        "import alone, numpy as np\n"
        "heap = np.zeros(4, np.int64)\n"
        "print(alone.heap_push(heap, 0, 7), heap[0])\n"
        "print(type(alone.heap_push._cache).__name__)\n"
    )
    no_folder = str(tmp_path / "__pycache__" / "below")
    told = subprocess.run(
        [sys.executable, "-B", "-c", asks],
        cwd=tmp_path,
        env={"HOME": no_folder, "XDG_CACHE_HOME": no_folder},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.split() == ["1", "7", "NullCache"], told.stderr


def test_the_documented_way_to_calibrate_works(
    san_francisco: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = HOWTO.read_text().split("```python\n")[1].split("```")[0]
    shutil.copytree(san_francisco.folder, tmp_path / "my_town")
    (tmp_path / "my_town" / "calibration.toml").unlink()
    chance, free = random.Random(5), Travel(san_francisco.roads, san_francisco.travel.labels)
    nodes = san_francisco.roads.usable.nonzero()[0].tolist()
    with (tmp_path / "runs.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["unit", "lon", "lat", "seconds", "period"])
        for i in range(300):
            unit = chance.choice(["E01", "T03", "E17", "RC1"])
            node = chance.choice(nodes)
            lon, lat = float(san_francisco.roads.lon[node]), float(san_francisco.roads.lat[node])
            place = san_francisco.snap(lon, lat).node
            free_s = free.time_s(san_francisco.posting(unit), place)
            rows.writerow([unit, lon, lat, 45 + 1.25 * free_s, i % 2])
    monkeypatch.chdir(tmp_path)
    exec(compile(block, str(HOWTO), "exec"), {})
    found = read_calibration(tmp_path / "my_town" / "calibration.toml")
    assert found.factor == pytest.approx(1.25, abs=0.002)
    assert found.start_s == pytest.approx(45, abs=0.5)
    assert found.runs < 300, "RC1 has no home"
