package io.odradek.cli;

import java.util.function.Consumer;
import java.util.logging.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program itself: what all commands share. */
@Command(
        name = "odradek",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        abbreviateSynopsis = true,
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExamples:%n",
        description = "A streaming broker that speaks Apache Kafka's protocol, and the commands to work with one.",
        footer = {
            "  odradek start",
            "  odradek topic create orders --partitions 6",
            "  echo hello | odradek produce orders",
            "  odradek consume orders"
        },
        subcommands = {
            StartCommand.class,
            TopicCommand.class,
            PartitionCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            ClusterCommand.class,
            ConfigCommand.class
        })
final class Root {
    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of a failure and the clients' warnings.")
    private boolean verbose;

    private Terminal terminal;
    private StartAction start;
    private Consumer<Level> logging;

    /** A command has no constructor with parameters: the container would take it for a bean and look for them. */
    Root in(Terminal terminal, StartAction start, Consumer<Level> logging) {
        this.terminal = terminal;
        this.start = start;
        this.logging = logging;
        return this;
    }

    static Root of(CommandSpec spec) {
        return (Root) spec.root().userObject();
    }

    Terminal terminal() {
        return terminal;
    }

    StartAction start() {
        return start;
    }

    /** Clients warn of every attempt that they repeat anyway; the failure in the end is what the user should read. */
    void quietClients() {
        logging.accept(verbose ? Level.WARNING : Level.SEVERE);
    }

    boolean verbose() {
        return verbose;
    }
}
