"""`serve`: the bot as it runs in production, until SIGTERM."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable

import click

from bot.app import serve
from bot.settings import Settings, SettingsError

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(*, web: bool = True, work: bool = True) -> None:
    """Serve until asked to stop; exits with 2 and all mistakes when the settings are wrong."""
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as mistake:
        click.echo(f"shipmate cannot start:\n{mistake}", err=True)
        raise SystemExit(2) from None
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_until_signalled(settings, web=web, work=work))


async def _until_signalled(settings: Settings, *, web: bool, work: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask_to_stop() -> None:
        stop.set()
        for number in STOP_SIGNALS:  # the next one ends the process at once
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, ask_to_stop)
    await serve(settings, stop, web=web, work=work)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it installs, else asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
