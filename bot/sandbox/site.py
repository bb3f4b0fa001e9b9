"""Where the stand-in GitHub is, and which App it serves: what every payload needs to know."""

from dataclasses import dataclass

from bot.sandbox.model import App


@dataclass
class Site:
    """The address of the API, which is also that of the pages; it changes once, when the server has its port."""

    url: str
    """Without a slash at the end."""
    app: App

    @property
    def client_id(self) -> str:
        """The App's client id, which may stand for its id as issuer of a JWT."""
        return f"Iv23li{self.app.id:014d}"
