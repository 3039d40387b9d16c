package io.odradek.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "start",
        description = {
            "Runs a broker in the foreground until it is told to stop (Ctrl-C or SIGTERM).",
            "",
            "Settings come from --set, then the environment (KAFKA_LISTENERS for listeners, and so on), then the file"
                    + " of --config, then the defaults. Apache Kafka's settings keep their names."
        },
        footer = {
            "  odradek start",
            "  odradek start --config server.properties",
            "  odradek start --set log.dirs=/var/lib/odradek --set num.partitions=6"
        })
final class StartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", description = "Properties file with settings.")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting that wins over the file and the environment. May be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Override
    public Integer call() throws Exception {
        return Root.of(spec).start().start(Optional.ofNullable(config), settings);
    }
}
