package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers of librdkafka in a group, through kcat. */
class KcatGroupIT {
    private static final String TOPIC = "shared";
    private static final String GROUP = "kcats";
    private static final int PARTITIONS = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path home;

    private final List<BackgroundCommand> started = new ArrayList<>();
    private final Set<String> sent = new HashSet<>();
    private BrokerProcess broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Commands.exists("kcat"), "kcat is not installed");
        broker = BrokerProcess.in(home)
                .with("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .start();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    @AfterEach
    void stop() {
        started.forEach(BackgroundCommand::close);
        if (admin != null) {
            admin.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    private BackgroundCommand join(String... more) throws Exception {
        var command = new ArrayList<>(List.of("kcat", "-b", broker.bootstrap(), "-G", GROUP, "-u"));
        var config = List.of(
                "session.timeout.ms=6000",
                "heartbeat.interval.ms=200",
                "auto.commit.interval.ms=100",
                "auto.offset.reset=earliest");
        config.forEach(property -> command.addAll(List.of("-X", property)));
        command.addAll(List.of(more));
        command.add(TOPIC);
        var member = BackgroundCommand.start(home, "kcat-" + started.size(), command);
        started.add(member);
        return member;
    }

    /** @return the records, which are all different */
    private Set<String> send(int count) throws Exception {
        var records = IntStream.range(sent.size(), sent.size() + count)
                .mapToObj(i -> "record " + i)
                .collect(Collectors.toSet());
        var lines = records.stream().map(record -> record + "=" + record + "\n").collect(Collectors.joining());
        Commands.run(null, lines, List.of("kcat", "-b", broker.bootstrap(), "-P", "-t", TOPIC, "-K", "="))
                .expectSuccess();
        sent.addAll(records);
        return records;
    }

    private void awaitShared(int members) {
        await().atMost(PATIENCE).ignoreException(ExecutionException.class).until(() -> {
            var described = admin.describeConsumerGroups(List.of(GROUP))
                    .all()
                    .get()
                    .get(GROUP)
                    .members();
            return described.size() == members
                    && described.stream()
                            .allMatch(member ->
                                    member.assignment().topicPartitions().size() == PARTITIONS / members);
        });
    }

    private void awaitCommitted() {
        await().atMost(PATIENCE)
                .ignoreException(ExecutionException.class)
                .until(
                        () ->
                                admin
                                        .listConsumerGroupOffsets(GROUP)
                                        .partitionsToOffsetAndMetadata()
                                        .get()
                                        .values()
                                        .stream()
                                        .mapToLong(OffsetAndMetadata::offset)
                                        .sum(),
                        committed -> committed == sent.size());
    }

    private List<String> read() {
        return started.stream()
                .map(BackgroundCommand::lines)
                .flatMap(Collection::stream)
                .toList();
    }

    @Test
    void aKilledMemberIsReplacedAndOffsetsSurvive() throws Exception {
        var members = List.of(join(), join(), join());
        awaitShared(3);
        send(600);
        awaitCommitted();
        assertEquals(sent, new HashSet<>(read()));
        assertEquals(sent.size(), read().size(), "each record is read once");

        members.get(0).kill();
        send(600);
        awaitShared(2);
        // What the killed one had not committed is read again, maybe: no record is left out.
        awaitCommitted();
        assertEquals(sent, new HashSet<>(read()));

        members.get(1).terminate();
        members.get(2).terminate();

        broker.kill();
        broker.start();
        awaitCommitted();
        var unread = send(600);
        var late = join();
        awaitCommitted();
        assertEquals(unread, new HashSet<>(late.lines()));
        assertEquals(unread.size(), late.lines().size(), "it goes on where the others stood");
    }
}
