"""The one error the room of places raises, in the house's three parts."""


class PlaceError(ValueError):
    """A place, a road file or a position that cannot be used.

    The message always says what was not done, because of what, and what to do instead,
    so that a page, the API and the command line can show it unchanged.
    """

    def __init__(self, not_done: str, because: str, instead: str) -> None:
        self.not_done = not_done
        self.because = because
        self.instead = instead
        super().__init__(f"{not_done}: {because}. {instead}.")
