package io.odradek.cli;

import picocli.CommandLine.Command;

@Command(
        name = "config",
        description = "Shows, sets and unsets configs of topics and brokers while they run.",
        footer = {"  odradek config describe --topic orders", "  odradek config set --topic orders retention.ms=3600000"
        },
        subcommands = {ConfigDescribeCommand.class, ConfigSetCommand.class, ConfigUnsetCommand.class})
final class ConfigCommand {}
