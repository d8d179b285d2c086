"""The encoder that ships with the gateway."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.encoder.batcher import Batcher, Run
from gateway.encoder.memory import Key, TextMemory, size_of
from gateway.encoder.model_file import SHIPPED, ModelFiles, open_model
from gateway.encoder.reading import Reading
from gateway.encoder.session import Network
from gateway.encoder.tokenizer import TextTokenizer
from gateway.ports.encoder import Encoding

NETWORK = "encoder.onnx"
TOKENIZER = "tokenizer.json"
MEMORY = 64 * 2**20


def open_onnx(path: Path) -> Run:
    """The network in an ONNX file. Raises ModelFileError."""
    return Network(path).run


@dataclass(slots=True)
class _Shared:
    """A text that is being read, and how many wait for it."""

    reading: Reading
    callers: int = 0


class OnnxEncoder:
    """An Encoder on ONNX Runtime. The model is loaded when it is first asked for, which takes some
    tenths of a second; a gateway whose policies need no encoder never loads it.

    May be used from several event loops and threads.
    """

    def __init__(
        self,
        folder: Path = SHIPPED,
        *,
        threads: int = 1,
        memory_bytes: int = MEMORY,
        open_network: Callable[[Path], Run] = open_onnx,
    ) -> None:
        """``threads`` read texts, each on a core of its own. ``memory_bytes`` bounds the encodings
        that are kept. ``open_network`` makes a network of its file."""
        self._open_network = open_network
        self._folder = folder
        self._threads = threads
        self._memory = TextMemory(memory_bytes, size_of)
        self._under_way: dict[Key, _Shared] = {}
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._loaded: Batcher | None = None
        self._files: ModelFiles | None = None
        self._closed = False

    @property
    def files(self) -> ModelFiles:
        """The model's files, with the calibration of the detectors that read it; the network itself
        is not loaded for it. Raises ModelFileError, as everything here does when the model cannot
        be used."""
        if self._files is None:
            self._files = open_model(self._folder)
        return self._files

    @property
    def heads(self) -> tuple[str, ...]:
        return self.files.heads

    @property
    def tags(self) -> tuple[str, ...]:
        return self.files.tags

    @property
    def healthy(self) -> bool:
        """Whether texts can be read: false once every thread has died. True while not loaded."""
        return self._loaded is None or self._loaded.healthy

    async def encode(self, text: str, scope: str = "") -> Encoding:
        """The encoding of ``text``. Raises Overloaded when too much waits already, and whatever
        kept the text from being read."""
        batcher = self._loaded
        if batcher is None:
            batcher = await asyncio.to_thread(self._load)
        key = self._memory.key(scope, text)
        with self._lock:
            known = self._memory.get(key)
            if known is not None:
                return known
            shared = self._under_way.get(key)
            if shared is None:
                shared = self._under_way[key] = _Shared(batcher.submit(text))
            shared.callers += 1
        try:
            encoding = await asyncio.wrap_future(shared.reading.future)
        finally:
            self._leave(key, shared)
        return encoding

    def close(self) -> None:
        """Read what waits, then end the threads."""
        with self._loading:
            self._closed = True
            if self._loaded is not None:
                self._loaded.close()

    def _leave(self, key: Key, shared: _Shared) -> None:
        """A caller has what it wanted, or wants it no more."""
        future = shared.reading.future
        with self._lock:
            shared.callers -= 1
            done = future.done()
            if self._under_way.get(key) is shared and (done or not shared.callers):
                del self._under_way[key]
                if done and future.exception() is None:
                    self._memory.put(key, future.result())
            if not done and not shared.callers:
                shared.reading.abandoned = True

    def _load(self) -> Batcher:
        if self._loaded is None:
            with self._loading:
                if self._closed:
                    raise RuntimeError("the encoder is closed")
                if self._loaded is None:
                    self._loaded = self._opened(self.files)
        return self._loaded

    def _opened(self, files: ModelFiles) -> Batcher:
        return Batcher(
            self._open_network(files.path(NETWORK)),
            TextTokenizer(files.path(TOKENIZER)),
            window=files.window,
            overlap=files.overlap,
            threads=self._threads,
        )
