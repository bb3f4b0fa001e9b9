"""What holds of every verdict, whatever a registry says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.plan.model import Promises
from bot.registries.pypi.facts import IndexRelease
from bot.release.verification.judge import Mark, State
from tests.release.verification.building import TAILS, crate, file, names, release, verdict

INTERPRETERS = st.sampled_from(
    ["cp39-abi3", "cp38-cp38", "cp312-cp312", "cp313-cp313t", "py3-none", "pp310-pypy310_pp73"]
)
PLATFORMS = st.sampled_from(
    [
        "any",
        "win_amd64",
        "manylinux_2_17_x86_64",
        "musllinux_1_2_aarch64",
        "macosx_11_0_arm64",
        "macosx_10_12_universal2",
    ]
)
TIMES = st.none() | st.datetimes(datetime(2015, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC))  # noqa: DTZ001
REQUIRES = st.sampled_from([None, "", ">=3.9", ">=2.7", "==3.8.*", "nonsense", "<3"])


@st.composite
def filenames(draw, version="0.5.0"):
    kind = draw(st.sampled_from(["wheel", "wheel", "wheel", "sdist", "egg", "noise"]))
    if kind == "wheel":
        build = draw(st.sampled_from(["", "-1"]))
        return f"edge_demo-{version}{build}-{draw(INTERPRETERS)}-{draw(PLATFORMS)}.whl"
    return {"sdist": f"edge_demo-{version}.tar.gz", "egg": f"edge_demo-{version}-py2.7.egg", "noise": draw(st.text())}[
        kind
    ]


@st.composite
def uploads(draw, version="0.5.0"):
    found = draw(st.lists(filenames(version), max_size=8, unique=True))
    return tuple(
        file(
            name,
            size=draw(st.none() | st.integers(0, 10**9)),
            uploaded_at=draw(TIMES),
            requires_python=draw(REQUIRES),
            yanked=draw(st.booleans()),
        )
        for name in found
    )


@st.composite
def releases(draw):
    files = draw(uploads())
    others = tuple(IndexRelease(v, draw(uploads(v))) for v in draw(st.sets(st.sampled_from(["0.3", "0.4rc1", "0.6"]))))
    indexed = tuple(each for each in files if draw(st.booleans()))
    ordered = sorted((*others, IndexRelease("0.5.0", indexed)), key=lambda each: each.version)
    return release(
        files=files,
        index_files=tuple(each.filename for each in indexed),
        releases=tuple(ordered),
        requires_python=draw(REQUIRES),
        yanked=draw(st.booleans()),
        has_description=draw(st.none() | st.booleans()),
        in_json=bool(files),
    )


PROMISED = st.lists(st.sampled_from([*TAILS, "any"]), unique=True).map(tuple)
AGES = st.timedeltas(timedelta(0), timedelta(days=30))


@given(releases(), PROMISED, AGES, st.booleans())
def test_every_release_gets_a_verdict_and_every_failure_a_way_on(found, promised, age, run_known):
    judged = verdict(found, files=promised, after=age, run_known=run_known)
    assert judged.lines
    assert all(line.text == " ".join(line.text.split()) or "\n" not in line.then for line in judged.lines)
    assert all(line.then.endswith(".") for line in judged.lines if line.mark is Mark.FAILED)


@given(releases(), PROMISED, AGES)
def test_complete_means_that_every_promised_file_is_there_and_nothing_is_yanked(found, promised, age):
    judged = verdict(found, files=promised, after=age)
    if judged.state is State.COMPLETE:
        ok = {line.text.partition(" (")[0] for line in judged.lines if line.mark is Mark.OK}
        titles = {"sdist": "sdist", "any": "wheel for any platform"}
        assert {titles.get(key, f"{key} wheel") for key in promised} <= ok
        assert not found.yanked


@given(releases(), PROMISED, AGES)
def test_nothing_that_was_a_failure_becomes_one_no_more_by_waiting(found, promised, age):
    failed = {line.text for line in verdict(found, files=promised).lines if line.mark is Mark.FAILED}
    later = verdict(found, files=promised, after=timedelta(minutes=1) + age)
    assert failed <= {line.text for line in later.lines if line.mark is Mark.FAILED}


@given(st.sets(st.sampled_from(list(TAILS)), min_size=1))
def test_every_missing_file_is_named_and_no_other(without):
    judged = verdict(release(*names(without=tuple(without)), "edge_demo-0.5.0-py2.7.egg"), files=tuple(TAILS))
    missing = {line.text.split(" ")[0] for line in judged.lines if line.text.endswith("is missing")}
    assert missing == without


@given(st.permutations(names()))
def test_the_order_of_the_files_plays_no_part(order):
    one, other = verdict(release(*order), files=tuple(TAILS)), verdict(release(), files=tuple(TAILS))
    assert one.lines == other.lines


@given(st.booleans(), st.booleans(), st.none() | st.booleans(), st.booleans(), st.none() | st.booleans(), AGES)
def test_a_crate_is_complete_only_where_both_sides_have_it_and_it_is_not_yanked(
    in_api, in_index, readme, yanked, promised, age
):
    found = replace(crate(), in_api=in_api, in_index=in_index, readme=readme, yanked=yanked)
    judged = verdict(found, promises=Promises(readme=promised), after=age)
    if judged.state is State.COMPLETE:
        assert in_api and in_index and not yanked
