package io.odradek.cli;

import picocli.CommandLine.Command;

@Command(
        name = "cluster",
        description =
                "Shows the brokers of a cluster, its quorum, its features and its log directories; drains and forgets"
                        + " brokers, and says who votes.",
        footer = {"  odradek cluster describe", "  odradek cluster log-dirs", "  odradek cluster voters --add 4"},
        subcommands = {
            ClusterDescribeCommand.class,
            ClusterLogDirsCommand.class,
            ClusterDrainCommand.class,
            ClusterUnregisterCommand.class,
            ClusterVotersCommand.class
        })
final class ClusterCommand {}
