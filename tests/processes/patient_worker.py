"""`bot worker`, but a call to GitHub waits for its answer as long as it takes, and a step for its end.

So a test can hold a call at the gate on a machine that is as slow as it likes.
"""

import aiohttp

from bot import app
from bot.cli.serve import run
from bot.github.transport import wire
from tests.processes.running import PATIENCE

if __name__ == "__main__":
    wire.TIMEOUT = aiohttp.ClientTimeout(total=PATIENCE)
    app.GRACE = PATIENCE
    run(web=False)
