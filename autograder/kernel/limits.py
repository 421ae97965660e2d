"""What one kernel may use of the machine."""

from dataclasses import dataclass, fields

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30


@dataclass(frozen=True)
class Limits:
    """Bounds on one kernel; each process that it starts has its own memory, file and CPU bounds.

    Where a bound is met, the notebook sees an ordinary error (`MemoryError`, `OSError`), and only
    `cpu_seconds` ends the kernel.
    """

    memory_bytes: int = 3 * GIGABYTE  # Keras and a lesson's training hold 0.4 GB of data
    address_bytes: int = 8 * GIGABYTE  # TensorFlow maps 2.5 GB; this bounds shared memory maps
    processes: int = 512  # threads count: TensorFlow starts several for each core
    open_files: int = 512  # a notebook's kernel has about 60 open
    file_bytes: int = 128 * MEGABYTE  # weights of a lesson's model take a few
    disk_bytes: int = 256 * MEGABYTE  # the home, /tmp and /dev/shm together, which lie in memory
    cpu_seconds: int = 1800  # an end even where no one waits; cells have their own, shorter ones

    @classmethod
    def from_config(cls, config):
        """Make limits from a dict, such as a class's configuration holds.

        Raises ValueError on a name that is no limit, or a value that is no positive integer.
        """
        known = [field.name for field in fields(cls)]
        for name, value in config.items():
            if name not in known:
                raise ValueError(f"A limit must be one of {', '.join(known)}. Received: {name!r}.")
            if type(value) is not int or value <= 0:
                raise ValueError(
                    f"A limit must be a positive integer. Received: {name} = {value!r}."
                )
        return cls(**config)

    @property
    def disk_megabytes(self):
        """`disk_bytes` in whole megabytes, at least one."""
        return max(1, self.disk_bytes // MEGABYTE)

    def resources(self):
        """The limits that a process carries, by their names in the module `resource`."""
        return {
            "RLIMIT_DATA": self.memory_bytes,
            "RLIMIT_AS": self.address_bytes,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_CORE": 0,  # a crash writes no image of the memory
        }
