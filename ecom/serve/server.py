"""The model's replica: `ray.serve.llm`'s server and its vLLM engine, started without detours."""

from ray.serve.llm.deployment import LLMServer


class ShopServer(LLMServer):
    """Serves a directory that every node sees: nothing is downloaded, nothing is reported home.

    Each of the two would start a process that imports vLLM, 10 to 15 s on two cores.
    """

    async def _start_engine(self) -> None:
        callback, engine = self._llm_config.get_or_create_callback(), self.engine
        if callback is None or engine is None:
            raise RuntimeError("ray.serve.llm gave this replica no engine; is it still 2.60?")
        callback.ctx.run_init_node = False
        await engine.start()
