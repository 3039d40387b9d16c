package io.odradek.cli;

import io.odradek.plugin.Plugins;
import io.odradek.spi.Partitioner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "produce",
        description = {
            "Sends a record per line of the input to a topic.",
            "",
            "The first record that fails ends it: the line names it, and the status is 1. Records before it are sent."
        },
        footer = {
            "  echo hello | odradek produce orders",
            "  odradek produce orders --file orders.txt --key-separator : --compression zstd",
            "  odradek produce orders --key-separator : --null-marker NULL < changes.txt",
            "  odradek consume orders --output json | odradek produce copy --input json"
        })
final class ProduceCommand implements Callable<Integer> {
    enum Input {
        TEXT,
        JSON
    }

    enum Compression {
        NONE,
        GZIP,
        SNAPPY,
        LZ4,
        ZSTD
    }

    /** A byte becomes at most an escape of six characters. */
    private static final long JSON_EXPANSION = 6;

    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "Name of the topic.")
    private String topic;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Read this file. Default: standard input.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--input",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "text: a line is a value, or key and value with --key-separator. json: a line is an object with"
                            + " key, value, headers, timestamp, as 'consume --output json' writes it. Default: text.")
    private Input input;

    @Option(
            names = {"-k", "--key-separator"},
            paramLabel = "TEXT",
            description = "What stands between key and value in a line; \\t is a tab.")
    private Optional<String> keySeparator = Optional.empty();

    @Option(
            names = "--null-marker",
            paramLabel = "TEXT",
            description = "A value of this text is no value, a tombstone; a key of this text is no key.")
    private Optional<String> nullMarker = Optional.empty();

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME=VALUE",
            description = "A header for every record. May be repeated.")
    private Map<String, String> headers = new LinkedHashMap<>();

    @Option(
            names = {"-p", "--partition"},
            paramLabel = "N",
            description = "Send everything to this partition.")
    private Optional<Integer> partition = Optional.empty();

    @Option(
            names = "--partitioner",
            paramLabel = "NAME",
            defaultValue = "murmur2",
            description = "Who chooses the partitions: murmur2, round-robin, rendezvous or that of a plugin. Default:"
                    + " ${DEFAULT-VALUE}, as Kafka's producers.")
    private String partitioner;

    @Option(
            names = "--partitioner-config",
            paramLabel = "NAME=VALUE",
            description = "A setting for the partitioner. May be repeated.")
    private Map<String, String> partitionerConfigs = new LinkedHashMap<>();

    @Option(
            names = "--plugins",
            paramLabel = "FOLDER",
            description = "Folder with plugins to choose the partitioner from.")
    private Optional<Path> plugins = Optional.empty();

    @Option(
            names = {"-a", "--acks"},
            paramLabel = "ACKS",
            defaultValue = "all",
            description = "Who must have a record before it counts as sent: all, 1 or 0. Default: ${DEFAULT-VALUE}.")
    private String acks;

    @Option(
            names = {"-z", "--compression"},
            paramLabel = "TYPE",
            defaultValue = "none",
            description = "none, gzip, snappy, lz4 or zstd. Default: ${DEFAULT-VALUE}.")
    private Compression compression;

    @Option(
            names = "--batch-size",
            paramLabel = "BYTES",
            defaultValue = "65536",
            description = "Largest batch of records to one partition. Default: ${DEFAULT-VALUE}.")
    private int batchSizeBytes;

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing about progress.")
    private boolean quiet;

    @Mixin
    private ConnectionOptions connection;

    @Override
    public Integer call() throws IOException {
        if (!List.of("all", "-1", "1", "0").contains(acks)) {
            throw new ParameterException(spec.commandLine(), "--acks is all, 1 or 0, not '" + acks + "'");
        }
        var terminal = Root.of(spec).terminal();
        try (var installed = plugins.map(Plugins::in).orElseGet(Plugins::onClassPath);
                var in = open(terminal)) {
            var config = producerConfig();
            var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
            try {
                var sender = new RecordSender(producer, topic, choice(installed, producer), commonHeaders());
                var progress = new Progress(quiet ? NOWHERE : terminal.err(), System::nanoTime);
                send(new LineReader(in, maxLineBytes(config)), sender, progress);
                if (!quiet) {
                    terminal.err()
                            .println(progress.records() + (progress.records() == 1 ? " record" : " records") + " to "
                                    + topic);
                }
            } finally {
                producer.close(Duration.ZERO);
            }
        }
        return 0;
    }

    private void send(LineReader lines, RecordSender sender, Progress progress) throws IOException {
        RecordFormat format = input == Input.JSON
                ? new JsonFormat()
                : TextFormat.of(keySeparator.map(s -> s.replace("\\t", "\t")), nullMarker);
        try {
            for (var line = lines.next(); line.isPresent(); line = lines.next()) {
                sender.send(format.read(line.get(), lines.number()));
                progress.count(line.get().length);
            }
        } finally {
            sender.finish();
        }
    }

    private InputStream open(Terminal terminal) throws IOException {
        if (file.isEmpty()) {
            return terminal.in();
        }
        try {
            return Files.newInputStream(file.get());
        } catch (NoSuchFileException e) {
            throw new CommandFailure("file " + file.get() + " does not exist", e);
        }
    }

    private PartitionChoice choice(Plugins installed, Producer<?, ?> producer) {
        if (partition.isPresent()) {
            return PartitionChoice.fixed(partition.get(), () -> producer.partitionsFor(topic));
        }
        var session = installed
                .load(Partitioner.class, partitioner, partitionerConfigs)
                .newSession(topic, new SplittableRandom());
        return new PartitionChoice(session, () -> producer.partitionsFor(topic));
    }

    private List<Header> commonHeaders() {
        return headers.entrySet().stream()
                .<Header>map(h -> new RecordHeader(h.getKey(), h.getValue().getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    private Map<String, Object> producerConfig() {
        var config = connection.clientConfig();
        config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, connection.timeoutMs());
        config.put(ProducerConfig.ACKS_CONFIG, acks);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression.name().toLowerCase(Locale.ROOT));
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, batchSizeBytes);
        return config;
    }

    private long maxLineBytes(Map<String, Object> config) {
        var name = ProducerConfig.MAX_REQUEST_SIZE_CONFIG;
        var setting = config.getOrDefault(
                name, ProducerConfig.configDef().defaultValues().get(name));
        int maxRequestSize = (Integer) ConfigDef.parseType(name, setting, ConfigDef.Type.INT);
        return input == Input.JSON ? maxRequestSize * JSON_EXPANSION : maxRequestSize;
    }
}
