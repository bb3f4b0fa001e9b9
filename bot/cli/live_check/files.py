"""The files of the throw-away repository: what its workflows do is what the steps look at."""

WORKFLOW = ".github/workflows/live-check.yml"
CALLED = ".github/workflows/live-check-called.yml"
SCRIPT = "live-check.sh"

FILES = {
    WORKFLOW: """\
name: Live check
on:
  push:
    branches: ['**']
    tags: ['live-check-*']
jobs:
  passes:
    runs-on: ubuntu-latest
    steps:
      - run: echo "this job passes"
  fails:
    if: startsWith(github.ref, 'refs/tags/live-check-fails')
    runs-on: ubuntu-latest
    steps:
      - name: First
        run: echo "this is the first step"
      - name: Second
        run: |
          echo "this is the second step"
          exit 1
      - name: Third
        run: echo "this is the third step"
  call:
    uses: ./.github/workflows/live-check-called.yml
  behind:
    needs: call
    if: always() && needs.call.result == 'skipped'
    runs-on: ubuntu-latest
    steps:
      - run: echo "the result of the call is skipped"
""",
    CALLED: """\
name: Live check, called
on: workflow_call
jobs:
  never:
    if: false
    runs-on: ubuntu-latest
    steps:
      - run: echo "this never runs"
""",
    SCRIPT: "#!/bin/sh\necho live-check\n",
}
"""Content by path; the script is to be executable."""
