package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataMachine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** jgroups-raft on our log, power cut at any moment, snapshots included: what was acknowledged is applied, and once. */
class RaftMetadataCrashTest {
    private static final int LIVES = 150;

    private final Random random = new Random(7);
    /** What was found last time. */
    private MetadataImage known = MetadataImage.EMPTY;
    /** Since then. */
    private final List<Command<?>> proposed = new ArrayList<>();
    /** Of the proposed, from the first on. */
    private int acknowledged;

    @Test
    void everyAcknowledgedCommandIsAppliedOnce() {
        var storage = new ForgetfulStorage(1);
        int snapshots = 0;
        for (int life = 0; life < LIVES; life++) {
            storage.crashAt(1 + random.nextInt(80));
            try (var metadata = RaftMetadata.start(config(), storage, failure -> {})) {
                verify(metadata.image(), "life " + life);
                live(metadata);
                snapshots += metadata.status().snapshotIndex() > 0 ? 1 : 0;
            } catch (RaftException | ForgetfulStorage.PowerCut e) {
                // at the start
            }
            storage = random.nextInt(3) == 0 ? storage.afterKill() : storage.afterPowerCut(random.nextLong());
        }
        assertTrue(snapshots > LIVES / 4, snapshots + " lives with a snapshot");
        assertTrue(known.commands() > LIVES, known.commands() + " commands");
    }

    private static RaftConfig config() {
        return new RaftConfig(Path.of("memory"), "cluster", 1, 700, 900);
    }

    /** Proposes until the power is gone, up to ten commands at a time. */
    private void live(RaftMetadata metadata) {
        var batch = new ArrayList<CompletableFuture<?>>();
        while (true) {
            batch.clear();
            for (int i = 1 + random.nextInt(10); i > 0; i--) {
                Command<?> command = next();
                proposed.add(command);
                batch.add(metadata.propose(command).toCompletableFuture().orTimeout(60, TimeUnit.SECONDS));
            }
            for (var each : batch) {
                try {
                    each.join();
                } catch (CompletionException e) {
                    assertEquals(
                            org.apache.kafka.common.errors.NotControllerException.class,
                            e.getCause().getClass(),
                            e.getCause().toString());
                    return;
                }
                acknowledged++;
            }
        }
    }

    private Command<?> next() {
        long number = known.commands() + proposed.size();
        if (number == 0) {
            return new Command.InitializeCluster("cluster", Map.of());
        }
        if (number == 1) {
            return TestCommands.registerBroker(1);
        }
        return number % 20 == 0
                ? TestCommands.createTopic("t" + number)
                : new Command.UpdateFeatures(Map.of()); // counts, and goes into the digest
    }

    /** The image is that of the commands up to some point after the last acknowledged one; the rest was lost and is forgotten. */
    private void verify(MetadataImage image, String life) {
        int applied = (int) (image.commands() - known.commands());
        assertTrue(
                applied >= acknowledged && applied <= proposed.size(),
                life + ": " + applied + " applied, " + acknowledged + " acknowledged, " + proposed.size()
                        + " proposed");
        var expected = known;
        for (var command : proposed.subList(0, applied)) {
            expected = MetadataMachine.apply(expected, command).image();
        }
        assertEquals(expected.digest(), image.digest(), life);
        assertEquals(expected.at(0), image.at(0), life);
        known = image;
        proposed.clear();
        acknowledged = 0;
    }
}
