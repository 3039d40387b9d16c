package io.odradek.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "consume",
        description = {
            "Prints the records of a topic: those there are now, or with --follow also those to come.",
            "",
            "It joins no consumer group and commits nothing."
        },
        footer = {
            "  odradek consume orders",
            "  odradek consume orders --from end --follow",
            "  odradek consume orders --from -10 --print key,value",
            "  odradek consume orders --from 2026-01-31T12:00:00Z --count 100 --output json",
            "  odradek consume orders --partition 0,2 --from 4711 --print offset,value"
        })
final class ConsumeCommand implements Callable<Integer> {
    enum Isolation {
        READ_UNCOMMITTED,
        READ_COMMITTED
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "Name of the topic.")
    private String topic;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            defaultValue = "beginning",
            converter = StartPosition.Converter.class,
            description =
                    "beginning, end, an offset (or the nearest there is), -N for the last N of each partition, a time"
                            + " such as 2026-01-31T12:00:00Z, or @ and milliseconds since 1970. Default: ${DEFAULT-VALUE}.")
    private StartPosition from;

    @Option(
            names = {"-p", "--partition"},
            paramLabel = "N",
            split = ",",
            description = "Only these partitions.")
    private Set<Integer> partitions = new TreeSet<>();

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "Stop after so many records.")
    private Optional<Long> count = Optional.empty();

    @Option(
            names = {"-f", "--follow"},
            description = "Do not stop at the end, wait for more; Ctrl-C ends it.")
    private boolean follow;

    @Option(
            names = "--print",
            paramLabel = "COLUMN",
            split = ",",
            defaultValue = "value",
            description = "What to print of a record, in this order: key, value, partition, offset, timestamp, headers."
                    + " Default: ${DEFAULT-VALUE}.")
    private List<RecordPrinter.Column> columns;

    @Option(
            names = {"-s", "--separator"},
            paramLabel = "TEXT",
            defaultValue = "\\t",
            description = "What to print between the columns; \\t is a tab, the default.")
    private String separator;

    @Option(
            names = "--null-marker",
            paramLabel = "TEXT",
            defaultValue = "null",
            description = "What to print for no key or no value. Default: ${DEFAULT-VALUE}.")
    private String nullMarker;

    @Option(
            names = "--isolation",
            paramLabel = "LEVEL",
            defaultValue = "read_uncommitted",
            description = "read_uncommitted or read_committed. Default: ${DEFAULT-VALUE}.")
    private Isolation isolation;

    @Mixin
    private OutputOption output;

    @Mixin
    private ConnectionOptions connection;

    @Override
    public Integer call() {
        if (count.isPresent() && count.get() < 1) {
            throw new ParameterException(spec.commandLine(), "--count is at least 1");
        }
        var consumer = new KafkaConsumer<>(config(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try (var interruption = new Interruption(consumer::wakeup)) {
            consume(consumer);
        } catch (WakeupException e) {
            // Ctrl-C: what was read is printed, the rest was not asked for.
        } finally {
            Root.of(spec).terminal().flush();
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
        return 0;
    }

    private void consume(Consumer<byte[], byte[]> consumer) {
        var chosen = choosePartitions(consumer);
        consumer.assign(chosen);
        var offsets = StartOffsets.find(consumer, chosen, from);
        offsets.start().forEach(consumer::seek);
        var reader = new TopicReader(consumer, Root.of(spec).terminal(), printer(), count.orElse(Long.MAX_VALUE));
        if (follow) {
            reader.follow();
        } else {
            reader.readUntil(offsets);
        }
    }

    private Set<TopicPartition> choosePartitions(Consumer<?, ?> consumer) {
        List<PartitionInfo> known;
        try {
            known = consumer.partitionsFor(topic);
        } catch (ApiException e) {
            throw Failures.ofTopic(topic, e);
        }
        if (known.isEmpty()) {
            throw new CommandFailure("topic '" + topic + "' does not exist");
        }
        for (int partition : partitions) {
            if (partition < 0 || partition >= known.size()) {
                throw new CommandFailure("there is no partition " + partition + ": the topic has " + known.size());
            }
        }
        return known.stream()
                .map(PartitionInfo::partition)
                .filter(partition -> partitions.isEmpty() || partitions.contains(partition))
                .map(partition -> new TopicPartition(topic, partition))
                .collect(Collectors.toSet());
    }

    private RecordPrinter printer() {
        return output.json()
                ? RecordPrinter.json()
                : RecordPrinter.text(columns, separator.replace("\\t", "\t"), nullMarker);
    }

    private Map<String, Object> config() {
        var config = connection.clientConfig();
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.name().toLowerCase(Locale.ROOT));
        // Records that were deleted meanwhile are passed over.
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return config;
    }
}
