"""All workloads, in the order in which they run."""

from bench.workload.edns import Edns
from bench.workload.export import Export
from bench.workload.flood import Flood
from bench.workload.latency import Latency
from bench.workload.limited import Limited
from bench.workload.mixed import Mixed
from bench.workload.query import Hot, Many, Wide
from bench.workload.siege import Siege
from bench.workload.tcp import Tcp
from bench.workload.transfer import Transfer
from bench.workload.workload import Workload
from bench.workload.write import Write

ALL: tuple[type[Workload], ...] = (
    Hot,
    Wide,
    Many,
    Edns,
    Flood,
    Limited,
    Tcp,
    Latency,
    Mixed,
    Siege,
    Write,
    Export,
    Transfer,
)
