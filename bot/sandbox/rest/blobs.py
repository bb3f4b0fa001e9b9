"""Where GitHub keeps what it sends on to: another host, whose addresses are signed and which takes no credential."""

import hashlib
import hmac

from aiohttp import web

from bot.sandbox.world import World

FOLDER = "/blobs/job-logs"


def log_address(world: World, job_id: int) -> str:
    """The signed address of a job's log."""
    return f"{world.site.url}{FOLDER}/{job_id}.txt?sig={_signature(world, job_id)}"


def add_blobs(app: web.Application, world: World) -> None:
    """Serve the logs of a world."""

    async def log(request: web.Request) -> web.Response:
        job_id = int(request.match_info["job_id"])
        if "Authorization" in request.headers:
            return web.Response(
                status=400, text="<Code>InvalidAuthenticationInfo</Code>", content_type="application/xml"
            )
        if not hmac.compare_digest(request.query.get("sig", ""), _signature(world, job_id)):
            return web.Response(status=403, text="<Code>AuthenticationFailed</Code>", content_type="application/xml")
        jobs = (job for repo in world.repositories.values() for run in repo.runs.values() for job in run.jobs)
        found = next((job for job in jobs if job.id == job_id), None)
        if found is None:
            return web.Response(status=404, text="<Code>BlobNotFound</Code>", content_type="application/xml")
        return web.Response(text=found.log, content_type="text/plain")

    app.router.add_get(FOLDER + r"/{job_id:\d+}.txt", log)


def _signature(world: World, job_id: int) -> str:
    return hmac.new(world.app.webhook_secret.encode(), f"log {job_id}".encode(), hashlib.sha256).hexdigest()
