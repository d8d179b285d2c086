"""What can be set about asking a model."""

from pydantic import Field

from gateway.core.options import Options


class BackoffOptions(Options):
    base: float = Field(default=0.25, gt=0)
    """Seconds: the first wait is a random time up to this, each further one up to twice as long."""
    max: float = Field(default=8.0, gt=0)
    """Seconds: no wait of our own is longer."""
    retry_after_max: float = Field(default=20.0, ge=0)
    """Seconds: a provider that asks for a longer wait is not asked again; the next target is."""


class BreakerOptions(Options):
    failures: int = Field(default=5, ge=1)
    """Failures in a row after which a target is left alone."""
    cooldown: float = Field(default=30.0, gt=0)
    """Seconds it is left alone, before one request may try it again."""


class GenerateOptions(Options):
    first_byte_timeout: float = Field(default=60.0, gt=0)
    """Seconds one attempt may take until a stream's first frame."""
    answer_timeout: float = Field(default=300.0, gt=0)
    """Seconds one attempt may take for a whole answer (not a stream)."""
    idle_timeout: float = Field(default=60.0, gt=0)
    """Seconds a stream may be silent between two frames."""
    total_timeout: float = Field(default=600.0, gt=0)
    """Seconds all attempts may take together until the first frame."""
    retries: int = Field(default=2, ge=0, le=10)
    """Further attempts at one target after a failure that may pass."""
    backoff: BackoffOptions = BackoffOptions()
    """The waits between attempts."""
    breaker: BreakerOptions = BreakerOptions()
    """When to leave a failing target alone."""
