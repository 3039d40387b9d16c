package io.odradek.cli;

import picocli.CommandLine.Command;

@Command(
        name = "partition",
        description = "Moves partitions between brokers and elects their leaders.",
        footer = {"  odradek partition reassign orders:0=2,3", "  odradek partition elect"},
        subcommands = {
            PartitionReassignCommand.class,
            PartitionReassignmentsCommand.class,
            PartitionCancelCommand.class,
            PartitionUnthrottleCommand.class,
            PartitionRelocateCommand.class,
            PartitionElectCommand.class
        })
final class PartitionCommand {}
