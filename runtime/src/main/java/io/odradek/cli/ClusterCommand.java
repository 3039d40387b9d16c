package io.odradek.cli;

import picocli.CommandLine.Command;

@Command(
        name = "cluster",
        description =
                "Shows the brokers of a cluster, its quorum, its features and its log directories; drains and forgets brokers.",
        footer = {"  odradek cluster describe", "  odradek cluster log-dirs"},
        subcommands = {
            ClusterDescribeCommand.class,
            ClusterLogDirsCommand.class,
            ClusterDrainCommand.class,
            ClusterUnregisterCommand.class
        })
final class ClusterCommand {}
