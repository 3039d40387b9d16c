package io.odradek.cli;

import picocli.CommandLine.Command;

@Command(
        name = "topic",
        description = "Creates, lists, describes, alters and deletes topics.",
        footer = {"  odradek topic create orders --partitions 6", "  odradek topic list"},
        subcommands = {
            TopicCreateCommand.class,
            TopicListCommand.class,
            TopicDescribeCommand.class,
            TopicAlterCommand.class,
            TopicDeleteCommand.class
        })
final class TopicCommand {}
