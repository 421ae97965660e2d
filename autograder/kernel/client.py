"""A kernel client that does not wait longer than it must."""

import asyncio
from queue import Empty

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.utils import ensure_async

SECONDS = 0.2  # for a message that may have been sent before we subscribed


class PromptKernelClient(AsyncKernelClient):
    """Ready as soon as the kernel says that it is idle; the stock client lets 0.2 s pass first."""

    async def wait_for_ready(self, timeout=None):
        """Wait for the kernel. Raises RuntimeError when it has died or `timeout` seconds passed."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (float("inf") if timeout is None else timeout)
        while True:
            asked = self.kernel_info()
            try:
                reply = await ensure_async(self.shell_channel.get_msg(timeout=1))
                if reply["parent_header"].get("msg_id") == asked:
                    await self._idle_after(asked)
                    self._handle_kernel_info_reply(reply)
                    return
            except Empty:
                pass
            if not await ensure_async(self.is_alive()):
                raise RuntimeError("The kernel died before it was ready.")
            if loop.time() > deadline:
                raise RuntimeError(f"The kernel was not ready after {timeout} s.")

    async def _idle_after(self, asked):
        while True:
            message = await ensure_async(self.iopub_channel.get_msg(timeout=SECONDS))
            is_ours = message["parent_header"].get("msg_id") == asked
            if is_ours and message["content"].get("execution_state") == "idle":
                return
