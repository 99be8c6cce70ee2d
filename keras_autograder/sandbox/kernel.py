"""A notebook kernel in the sandbox: jupyter_client's own manager, and a kernel that names our provisioner."""

import sys
from importlib.metadata import EntryPoint
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from traitlets import Bool

# As in pyproject.toml, under the entry points of jupyter_client.kernel_provisioners.
PROVISIONER_NAME = "keras-autograder-sandbox"
_PROVISIONER = "keras_autograder.sandbox.provisioner:SandboxProvisioner"


class SandboxedKernelSpecs(KernelSpecManager):
    """Knows one kernel, that of this Python in the sandbox, by whatever name somebody asks for.

    A notebook's own choice is a stranger's, and may name what is not installed.
    """

    is_warm = Bool(False, help="Whether kernels are forked from a process that has already imported TensorFlow")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel.

        Args:
            kernel_name: str, of no account.

        Returns:
            KernelSpec.
        """
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3 (isolated)",
            language="python",
            metadata={
                "kernel_provisioner": {"provisioner_name": PROVISIONER_NAME, "config": {"is_warm": self.is_warm}}
            },
        )


def sandboxed_kernel_manager(is_warm: bool = False, **arguments: Any) -> AsyncKernelManager:
    """A manager whose kernels run in the sandbox. Its ``provisioner`` tells what they have used and why they ended.

    Args:
        is_warm: bool, whether kernels are forked from a process that has already imported TensorFlow.
        **arguments: as for ``AsyncKernelManager``. With ``config`` come the limits, under ``SandboxProvisioner``.

    Returns:
        AsyncKernelManager, not started. The start raises ``availability.IsolationUnavailable`` where there is no
        sandbox, and ``fork_server.client.ForkServerFailed`` where a warm kernel cannot be had.
    """
    # The entry point is there where the package was installed. nbgrader_config.py puts it on the path where it was not.
    KernelProvisionerFactory.provisioners.setdefault(
        PROVISIONER_NAME, EntryPoint(PROVISIONER_NAME, _PROVISIONER, KernelProvisionerFactory.GROUP_NAME)
    )
    return AsyncKernelManager(kernel_spec_manager=SandboxedKernelSpecs(is_warm=is_warm), **arguments)
