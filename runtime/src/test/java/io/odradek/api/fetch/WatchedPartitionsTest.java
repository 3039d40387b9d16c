package io.odradek.api.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.replication.FetchIsolation;
import io.odradek.replication.PartitionWaiter;
import io.odradek.replication.Progressing;
import io.odradek.replication.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Which partitions of a session have to be looked at. */
class WatchedPartitionsTest {
    private static final Uuid TOPIC = new Uuid(1, 1);
    private static final int FOLLOWER = 2;

    private final WatchedPartitions partitions = WatchedPartitions.lasting(
            IntStream.range(0, 3).mapToObj(WatchedPartitionsTest::target).toList());
    private final List<Partition> places =
            IntStream.range(0, 3).mapToObj(i -> new Partition()).toList();

    private static final class Partition implements Progressing {
        final List<PartitionWaiter> waiters = new ArrayList<>();
        final List<String> caughtUp = new ArrayList<>();

        @Override
        public Subscription subscribe(PartitionWaiter waiter) {
            waiters.add(waiter);
            return () -> waiters.remove(waiter);
        }

        @Override
        public void wasCaughtUp(int follower, long fetchOffset, long askedMs) {
            caughtUp.add(follower + " at " + fetchOffset + " in " + askedMs);
        }

        void progress() {
            List.copyOf(waiters).forEach(PartitionWaiter::onProgress);
        }
    }

    private static FetchTarget target(int partition) {
        return new FetchTarget(TOPIC, "", "t", partition, 7, 0, 1, -1, -1);
    }

    private static PartitionData answer(int partition) {
        return new PartitionData()
                .setPartitionIndex(partition)
                .setHighWatermark(7)
                .setLogStartOffset(0)
                .setRecords(MemoryRecords.EMPTY);
    }

    private List<FetchedPartition> read() {
        return partitions.restless().stream()
                .map(each -> {
                    int i = each.target().partition();
                    return new FetchedPartition(
                            each.partition(), each.target(), each.partition().look(places.get(i)), answer(i), true);
                })
                .toList();
    }

    private static List<Integer> told(FetchResponseData response) {
        return response.responses().stream()
                .flatMap(t -> t.partitions().stream().map(PartitionData::partitionIndex))
                .toList();
    }

    private List<Integer> restless() {
        return partitions.restless().stream().map(r -> r.target().partition()).toList();
    }

    private int waiters() {
        return places.stream().mapToInt(p -> p.waiters.size()).sum();
    }

    @Test
    void whatIsToldAndAtRestIsQuietUntilItGetsOn() {
        assertEquals(List.of(0, 1, 2), told(partitions.tell(read())));
        assertEquals(List.of(), restless());

        places.get(1).progress();

        assertEquals(List.of(1), restless());
        assertEquals(List.of(), told(partitions.tell(read())), "it is as it was");
        assertEquals(List.of(), restless());
    }

    @Test
    void whatGetsOnAfterItWasReadIsNotQuiet() {
        var fetched = read();
        places.get(1).progress();
        partitions.tell(fetched);

        assertEquals(List.of(1), restless());
    }

    @Test
    void whatIsWatchedElsewhereMeanwhileIsNotQuiet() {
        var fetched = read();
        partitions.restless().get(0).partition().look(new Partition());
        partitions.tell(fetched);

        assertEquals(List.of(0), restless());
    }

    @Test
    void whoHasGotOnIsWatchedNoMoreAsNobodyMayEverAskAgain() {
        partitions.tell(read());
        assertEquals(3, waiters());

        places.get(1).progress();

        assertEquals(2, waiters());
    }

    @Test
    void whatGivesRecordsIsNotWatched() {
        var fetched = read().stream()
                .map(f -> new FetchedPartition(
                        f.partition(),
                        f.target(),
                        f.seen(),
                        answer(f.target().partition())
                                .setRecords(
                                        MemoryRecords.withRecords(Compression.NONE, new SimpleRecord("v".getBytes()))),
                        false))
                .toList();
        partitions.tell(fetched);
        assertEquals(0, waiters());

        partitions.tell(read());

        assertEquals(0, waiters(), "there may be more");
        assertEquals(List.of(0, 1, 2), restless());
        partitions.tell(read());
        assertEquals(3, waiters());
        assertEquals(List.of(), restless());
    }

    @Test
    void anotherFollowerOrIsolationHasEverythingLookedAt() {
        fetchedAs(FOLLOWER, FetchIsolation.LOG_END);
        partitions.tell(read());
        fetchedAs(FOLLOWER, FetchIsolation.LOG_END);
        assertEquals(List.of(), restless());

        fetchedAs(-1, FetchIsolation.HIGH_WATERMARK);
        assertEquals(List.of(0, 1, 2), restless());

        partitions.tell(read());
        fetchedAs(-1, FetchIsolation.TXN_COMMITTED);
        assertEquals(List.of(0, 1, 2), restless());
    }

    private void fetchedAs(int replica, FetchIsolation isolation) {
        partitions.fetchedAs(new FetchLimits(replica, 1, Optional.empty(), isolation, 1, 1, 1));
    }

    @Test
    void aFollowerThatHadEverythingWasCaughtUpUntilItAskedLast() {
        fetchedAs(FOLLOWER, FetchIsolation.LOG_END);
        partitions.asked(100);
        partitions.tell(read());
        partitions.asked(600);

        places.get(0).progress();
        places.get(0).progress();

        assertEquals(List.of("2 at 7 in 600"), places.get(0).caughtUp);
    }

    @Test
    void whatIsAskedAnewIsLookedAtAndWhatIsForgottenIsNot() {
        partitions.tell(read());

        partitions.change(List.of(target(1)), List.of(target(2).key()), true);

        assertEquals(List.of(1), restless());
        assertEquals(2, partitions.size());
        assertEquals(2, waiters());
        assertEquals(List.of(1), told(partitions.tell(read())), "it may not have been able to use what it was told");
    }

    @Test
    void aClientThatIsGoneCostsNothingAndIsToldEverythingThatHappensMeanwhile() {
        partitions.tell(read());

        partitions.unwatch();

        assertEquals(0, waiters());
        assertEquals(List.of(0, 1, 2), restless());
        partitions.tell(read());
        assertEquals(List.of(), restless());
    }

    @Test
    void whatIsClosedIsNotWatchedAgain() {
        partitions.close();

        partitions.tell(read());

        assertEquals(0, waiters());
        assertEquals(List.of(0, 1, 2), restless());
    }
}
