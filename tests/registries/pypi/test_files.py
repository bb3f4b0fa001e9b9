"""Every promised file has a line; platform and interpreter are judged apart."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.plan.model import Promises
from bot.release.verification.judge import Mark, State
from tests.release.verification.building import ENDED, TAILS, file, indexed, names, release, texts, then, verdict

LINUX, WINDOWS = "manylinux_2_17_x86_64", "win_amd64"
HISTORY = tuple(indexed(version) for version in ("0.2.0", "0.3.0", "0.4.0"))


def per_version(version, *tags, without=()):
    """One wheel per interpreter on two platforms, and an sdist."""
    wheels = [f"edge_demo-{version}-{tag}-{on}.whl" for tag in tags for on in (LINUX, WINDOWS)]
    return (f"edge_demo-{version}.tar.gz", *(name for name in wheels if not any(part in name for part in without)))


def cp(*minors):
    return [f"cp3{minor}-cp3{minor}" for minor in minors]


def failed(found):
    return texts(found, Mark.FAILED)


@pytest.mark.parametrize("key", TAILS)
def test_a_file_that_nobody_promised_but_earlier_releases_had_is_missing(key):
    found = verdict(release(*names(without=(key,)), others=HISTORY))
    assert failed(found) == [f"{'sdist' if key == 'sdist' else f'{key} wheel'} is missing, which releases before had"]


def test_a_platform_that_was_dropped_for_good_is_not_missing():
    later = tuple(indexed(version, *names(version, without=("macos-x86_64",))) for version in ("0.6.0", "0.7.0"))
    found = release(*names(without=("macos-x86_64",)), others=HISTORY)
    assert verdict(release(*names(without=("macos-x86_64",)), others=(*HISTORY, *later))).state is State.COMPLETE
    assert verdict(found).state is State.INCOMPLETE


def test_an_omission_that_was_made_twice_before_is_a_habit():
    less = tuple(indexed(version, *names(version, without=("macos-x86_64",))) for version in ("0.3.0", "0.4.0"))
    found = verdict(release(*names(without=("macos-x86_64",)), others=(HISTORY[0], *less)))
    assert found.state is State.COMPLETE


def test_a_broken_release_before_does_not_excuse_this_one():
    broken = indexed("0.4.0", *names("0.4.0", without=("linux-aarch64",)))
    found = verdict(release(*names(without=("linux-aarch64",)), others=(*HISTORY[:2], broken)))
    assert failed(found) == ["linux-aarch64 wheel is missing, which releases before had"]


def test_a_yanked_release_before_tells_nothing():
    yanked = indexed("0.4.0", "edge_demo-0.4.0-py3-none-any.whl", yanked=True)
    assert verdict(release("edge_demo-0.5.0.tar.gz", others=(yanked,))).state is State.COMPLETE


def test_a_final_release_is_held_against_final_ones():
    candidate = indexed("0.5.0rc1", "edge_demo-0.5.0rc1-py3-none-any.whl")
    found = verdict(release(others=(*HISTORY, candidate)))
    assert found.state is State.COMPLETE


def test_a_first_release_is_held_against_itself_alone():
    assert verdict(release()).state is State.COMPLETE
    assert verdict(release("edge_demo-0.5.0.tar.gz")).state is State.COMPLETE
    assert verdict(release("edge_demo-0.5.0-py3-none-any.whl")).state is State.COMPLETE


@pytest.mark.parametrize("kept", ["edge_demo-0.5.0.tar.gz", "edge_demo-0.5.0-py3-none-any.whl"])
def test_half_of_a_pure_python_release_is_missing(kept):
    before = indexed("0.4.0", "edge_demo-0.4.0.tar.gz", "edge_demo-0.4.0-py3-none-any.whl")
    assert len(failed(verdict(release(kept, others=(before,))))) == 1


def test_one_wheel_for_every_platform_may_take_the_place_of_many():
    found = release("edge_demo-0.5.0.tar.gz", "edge_demo-0.5.0-py3-none-any.whl", others=HISTORY)
    assert verdict(found).state is State.COMPLETE


def test_wheels_for_several_systems_may_take_the_place_of_one():
    pure = indexed("0.4.0", "edge_demo-0.4.0.tar.gz", "edge_demo-0.4.0-py3-none-any.whl")
    assert verdict(release(others=(pure,))).state is State.COMPLETE
    only_here = release("edge_demo-0.5.0.tar.gz", f"edge_demo-0.5.0-cp312-cp312-{LINUX}.whl", others=(pure,))
    assert failed(verdict(only_here)) == ["wheel for any platform is missing, which releases before had"]


def test_a_platform_wheel_is_missed_though_a_slower_one_for_any_is_there():
    mixed = ("-cp312-cp312-win_amd64.whl", f"-cp312-cp312-{LINUX}.whl", "-py3-none-any.whl")
    before = indexed("0.4.0", *(f"edge_demo-0.4.0{tail}" for tail in mixed))
    found = verdict(release(*(f"edge_demo-0.5.0{tail}" for tail in mixed[1:]), others=(before,)))
    assert failed(found) == ["windows-x86_64 wheel is missing, which releases before had"]


def test_a_wheel_for_one_interpreter_where_others_have_the_stable_abi_is_of_no_use():
    found = verdict(release(*names(linux_x86_64="-cp38-cp38-manylinux_2_17_x86_64.whl")))
    assert failed(found) == ["linux-x86_64 wheel cannot be used: it is tagged cp38-cp38, expected is cp39-abi3"]


def test_the_stable_abi_that_the_release_before_had_is_missed_also_on_the_only_platform():
    before = indexed("0.4.0", f"edge_demo-0.4.0-cp39-abi3-{LINUX}.whl")
    found = verdict(release(f"edge_demo-0.5.0-cp312-cp312-{LINUX}.whl", others=(before,)))
    assert failed(found) == ["linux-x86_64 wheel cannot be used: it is tagged cp312-cp312, expected is cp39-abi3"]


def test_wheels_for_each_interpreter_do_what_one_for_the_stable_abi_does():
    before = indexed("0.4.0", f"edge_demo-0.4.0-cp39-abi3-{LINUX}.whl")
    each = [f"edge_demo-0.5.0-{tag}-{LINUX}.whl" for tag in cp(9, 10, 11, 12, 13, 14)]
    assert verdict(release(*each, others=(before,))).state is State.COMPLETE


@pytest.mark.parametrize("others", [(), (indexed("0.4.0"),)])
def test_wheels_that_most_interpreters_can_use_are_not_called_useless(others):
    each = tuple(f"edge_demo-0.5.0-{tag}-{WINDOWS}.whl" for tag in cp(9, 10, 11, 12, 13))
    found = verdict(release(*names(without=("windows-x86_64",)), *each, others=others))
    lacks = "windows-x86_64 wheel does not serve CPython 3.14, most platforms do"
    lost = "windows-x86_64 wheel for CPython 3.14 is missing: the release before has it"
    assert (failed(found), lacks in texts(found, Mark.NOTE)) == (([lost], False) if others else ([], True))
    assert "on CPython 3.14 pip builds the sdist on windows-x86_64" in texts(found, Mark.NOTE)


def test_the_wheel_that_all_other_platforms_get_is_missed_beside_those_for_some():
    mixed = ("-cp312-cp312-win_amd64.whl", f"-cp312-cp312-{LINUX}.whl", "-py3-none-any.whl")
    before = indexed("0.4.0", *(f"edge_demo-0.4.0{tail}" for tail in mixed))
    found = verdict(release(*(f"edge_demo-0.5.0{tail}" for tail in mixed[:2]), others=(before,)))
    assert failed(found) == ["wheel for any platform is missing, which releases before had"]
    assert not any("every platform" in text for text in texts(found, Mark.OK))


def test_one_platform_may_always_have_had_wheels_for_each_interpreter():
    mixed = ("-cp39-abi3-manylinux_2_17_x86_64.whl", "-cp39-abi3-macosx_11_0_arm64.whl", "-cp39-cp39-win32.whl")
    before = tuple(indexed(v, *(f"edge_demo-{v}{tail}" for tail in mixed)) for v in ("0.3.0", "0.4.0"))
    found = release(*(f"edge_demo-0.5.0{tail}" for tail in mixed), others=before)
    assert verdict(found).state is State.COMPLETE
    assert len(failed(verdict(release(*(f"edge_demo-0.5.0{tail}" for tail in mixed))))) == 1


def test_a_version_of_an_older_line_that_came_out_later_does_not_count():
    backport = indexed("0.4.1", "edge_demo-0.4.1.tar.gz", "edge_demo-0.4.1-py3-none-any.whl", uploaded_at=ENDED)
    assert verdict(release("edge_demo-0.5.0.tar.gz", others=(backport,))).state is State.COMPLETE


def test_a_lone_wheel_must_serve_a_python_that_the_release_supports():
    found = verdict(release(f"edge_demo-0.5.0-cp38-cp38-{LINUX}.whl"))
    assert failed(found) == [
        "linux-x86_64 wheel cannot be used: it is tagged cp38-cp38, expected is a wheel for Python >=3.9"
    ]


def test_an_interpreter_that_one_platform_lost_is_missing():
    before = indexed("0.4.0", *per_version("0.4.0", *cp(10, 11, 12)))
    found = verdict(release(*per_version("0.5.0", *cp(10, 11, 12), without=(f"cp310-{WINDOWS}",)), others=(before,)))
    assert failed(found) == ["windows-x86_64 wheel for CPython 3.10 is missing: the release before has it"]


def test_the_newest_interpreter_is_missed_also_when_every_platform_lost_it():
    before = indexed("0.4.0", *per_version("0.4.0", *cp(11, 12, 13)))
    found = verdict(release(*per_version("0.5.0", *cp(11, 12)), others=(before,)))
    assert [text.partition(" wheel ")[2] for text in failed(found)] == [
        "for CPython 3.13 is missing: the release before has it"
    ] * 2


def test_an_old_interpreter_that_every_platform_lost_was_dropped():
    before = indexed("0.4.0", *per_version("0.4.0", *cp(9, 10, 11)))
    assert verdict(release(*per_version("0.5.0", *cp(10, 11)), others=(before,))).state is State.COMPLETE


def test_a_hole_between_interpreters_is_a_missing_wheel_also_in_a_first_release():
    found = verdict(release(*per_version("0.5.0", *cp(10, 11, 12), without=(f"cp311-{LINUX}",))))
    assert failed(found) == [
        "linux-x86_64 wheel for CPython 3.11 is missing: there are wheels for older and newer ones"
    ]


def test_a_free_threaded_wheel_that_one_platform_lost_is_missing():
    tags = ("cp39-abi3", "cp314-cp314t")
    before = indexed("0.4.0", *per_version("0.4.0", *tags))
    whole = release(*per_version("0.5.0", *tags), others=(before,))
    found = release(*per_version("0.5.0", *tags, without=(f"cp314t-{LINUX}",)), others=(before,))
    assert verdict(whole).state is State.COMPLETE
    assert failed(verdict(found)) == ["linux-x86_64 wheel for cp314t is missing: the release before has it"]


def test_pypy_wheels_beside_the_others_harm_nobody():
    extra = f"edge_demo-0.5.0-pp310-pypy310_pp73-{WINDOWS}.whl"
    assert verdict(release(*names(), extra)).state is State.COMPLETE


def test_interpreters_that_the_workflow_names_are_expected_on_each_platform():
    promised = Promises(pythons=("cp310", "cp312", "cp38"))
    found = verdict(release(*per_version("0.5.0", *cp(10, 11))), promises=promised)
    assert [text.partition(" wheel ")[2] for text in failed(found)] == [
        "for cp312 is missing, the workflow builds it"
    ] * 2


def test_old_wheels_are_judged_by_the_pythons_of_their_time():
    old = ("-cp27-cp27m-win32.whl", "-cp35-cp35m-win32.whl", "-cp36-cp36m-win32.whl", "-cp36-cp36m-win_amd64.whl")
    files = tuple(file(f"edge_demo-0.5.0{tail}", uploaded_at=None, size=None, requires_python=None) for tail in old)
    found = verdict(release(files=files, index_files=tuple(each.filename for each in files), requires_python=None))
    assert found.state is State.COMPLETE


def test_a_python_that_was_not_out_yet_is_nobodys_loss():
    at = datetime(2023, 6, 1, tzinfo=UTC)
    before = indexed("0.4.0", f"edge_demo-0.4.0-cp39-abi3-{LINUX}.whl")
    each = tuple(file(f"edge_demo-0.5.0-{tag}-{LINUX}.whl", uploaded_at=at) for tag in cp(9, 10, 11))
    found = release(files=each, index_files=tuple(name.filename for name in each), others=(before,))
    assert verdict(found).state is State.COMPLETE


def test_legacy_files_are_told_and_judge_nothing():
    legacy = ("edge_demo-0.5.0-py2.7.egg", "edge_demo-0.5.0.win32-py2.7.exe")
    found = verdict(release("edge_demo-0.5.0.zip", *legacy))
    assert found.state is State.COMPLETE
    assert f"not an sdist nor a wheel for a known platform: {', '.join(legacy)}" in texts(found, Mark.NOTE)


def test_a_promise_may_be_written_as_people_name_platforms():
    found = verdict(release(), files=("macos-universal2", "windows-amd64", "linux-arm64"))
    assert found.state is State.COMPLETE


def test_a_job_that_may_fail_in_silence_is_named_when_its_wheel_is_missing():
    promises = Promises(may_fail=("linux-aarch64",))
    found = verdict(release(*names(without=("linux-aarch64",))), files=tuple(TAILS), promises=promises)
    assert "continue-on-error" in then(found, "linux-aarch64 wheel is missing")


def test_without_an_sdist_pip_goes_back_where_a_wheel_is_missing():
    less = names(without=("linux-aarch64", "sdist"))
    found = verdict(release(*less, others=HISTORY), files=tuple(key for key in TAILS if key != "sdist"))
    assert "pip goes back to 0.4.0" in then(found, "linux-aarch64 wheel is missing")


@pytest.mark.parametrize(("days", "what"), [(1, "can be added to this version"), (20, "publish the next one")])
def test_what_to_do_about_a_missing_file_depends_on_whether_pypi_still_takes_it(days, what):
    found = verdict(release(*names(without=("sdist",))), files=tuple(TAILS), after=timedelta(days=days))
    assert what in then(found, "sdist is missing")


def test_while_nobody_knows_whether_the_run_goes_on_a_file_may_still_come():
    less = names(without=("linux-aarch64",))
    some = verdict(release(*less), files=tuple(TAILS), run_known=False, after=timedelta(minutes=20))
    assert (some.state, texts(some, Mark.WAITING)) == (State.PROPAGATING, ["linux-aarch64 wheel is not there yet"])
    assert (
        verdict(release(*less), files=tuple(TAILS), run_known=False, after=timedelta(hours=1)).state is State.INCOMPLETE
    )


def test_a_slow_upload_is_given_three_of_its_own_pauses():
    slow = [file(name, uploaded_at=ENDED - timedelta(minutes=44 * (n == 0))) for n, name in enumerate(names())]
    found = release(*names(), files=tuple(slow[:-1]), index_files=names()[:-1])
    for minutes, state in ((120, State.PROPAGATING), (140, State.INCOMPLETE)):
        judged = verdict(found, files=tuple(TAILS), run_known=False, after=timedelta(minutes=minutes))
        assert judged.state is state


def test_what_nobody_promised_may_have_been_dropped_on_purpose():
    less = names(without=("macos-x86_64",))
    text = "macos-x86_64 wheel is missing"
    assert "dropped on purpose" in then(verdict(release(*less, others=HISTORY)), f"{text}, which releases before had")
    assert "dropped on purpose" not in then(verdict(release(*less), files=tuple(TAILS)), text)
