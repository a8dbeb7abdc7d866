from pydantic import BaseModel


class SimpleResponse(BaseModel):
    """A text and whether all went well."""

    message: str
    success: bool = True
