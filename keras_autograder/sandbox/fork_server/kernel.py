"""A sandboxed kernel that starts warm, for nbclient and nbgrader: give the class as ``kernel_manager_class``."""

import functools
import os
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from keras_autograder.sandbox.fork_server.client import ForkServer
from keras_autograder.sandbox.kernel import SandboxedKernelManager

# Set by a process for those that it starts, so that one fork server does for all.
ADDRESS_VARIABLE = "KERAS_AUTOGRADER_FORK_SERVER"
_NAME = "keras-autograder-fork-server"


@functools.cache
def fork_server() -> ForkServer:
    """The fork server of this process, which ends with it, or that of the process that has started this one.

    Returns:
        ForkServer.
    """
    return ForkServer(os.environ.get(ADDRESS_VARIABLE))


class ForkProvisioner(LocalProvisioner):
    """Has the fork server start what another provisioner would start with a command."""

    async def launch_kernel(self, cmd: list[str], **kwargs) -> KernelConnectionInfo:
        """Start a kernel.

        Args:
            cmd: list of str: a launcher's command line, as ``SandboxedKernelManager`` gives it.
            **kwargs: as for ``LocalProvisioner``; only ``stderr`` counts.

        Returns:
            dict, the connection information.
        """
        launcher, kernel = cmd[: cmd.index("--")], cmd[cmd.index("--") + 1 :]
        arguments = kernel[kernel.index("ipykernel_launcher") + 1 :]
        self.process = fork_server().start_kernel(Path(launcher[-1]), arguments, kwargs["stderr"])
        self.pid, self.pgid = self.process.pid, None
        return self.connection_info


class WarmKernelManager(SandboxedKernelManager):
    """Starts kernels in the sandbox, as forks of a process that has imported TensorFlow already."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """That of a sandboxed kernel, started by the fork server."""
        spec = super().kernel_spec
        spec.metadata = {"kernel_provisioner": {"provisioner_name": _NAME}}
        return spec

    async def _async_pre_start_kernel(self, **arguments):
        factory = KernelProvisionerFactory.instance(parent=self.parent)
        group = KernelProvisionerFactory.GROUP_NAME
        factory.provisioners.setdefault(_NAME, EntryPoint(_NAME, f"{__name__}:{ForkProvisioner.__name__}", group))
        return await super()._async_pre_start_kernel(**arguments)

    def _status_of_launcher(self) -> Callable[[], int | None]:
        return self.provisioner.process.status

    # The class above binds this name to its own function.
    pre_start_kernel = _async_pre_start_kernel
