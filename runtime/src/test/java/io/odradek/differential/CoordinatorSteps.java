package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.FIND_COORDINATOR;

import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.awaitility.Awaitility;

/** Who coordinates a group or a transaction. */
final class CoordinatorSteps {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;
    private static final byte SHARE = 2;
    private static final Duration CREATION = Duration.ofSeconds(20);

    private CoordinatorSteps() {}

    static void add(Script script) {
        script.change("a coordinator of groups appears", peer -> await(peer, GROUP));
        script.change("a coordinator of transactions appears", peer -> await(peer, TRANSACTION));
        for (short v = FIND_COORDINATOR.oldestVersion(); v <= FIND_COORDINATOR.latestVersion(); v++) {
            short version = v;
            script.ask(FIND_COORDINATOR, v, "of a group", peer -> of(version, GROUP, "any"));
            script.ask(FIND_COORDINATOR, v, "of no group", peer -> of(version, GROUP, ""));
            if (version > 0) {
                script.ask(FIND_COORDINATOR, v, "of a transaction", peer -> of(version, TRANSACTION, "any"));
                script.ask(FIND_COORDINATOR, v, "of no transaction", peer -> of(version, TRANSACTION, ""));
                for (byte type : new byte[] {3, -1}) {
                    script.ask(FIND_COORDINATOR, v, "unknown key type " + type, peer -> of(version, type, "k"));
                }
                script.ask(FIND_COORDINATOR, v, "malformed share key", peer -> of(version, SHARE, "k"));
            }
            if (version >= 4) {
                script.ask(FIND_COORDINATOR, v, "of many", peer -> of(version, GROUP, "a", "b", "", "a"));
                script.ask(FIND_COORDINATOR, v, "of nothing", peer -> of(version, GROUP));
            }
        }
        script.ask(FIND_COORDINATOR, 6, "share key without topic id", peer -> of((short) 6, SHARE, "group:no-id:0"));
        script.ask(FIND_COORDINATOR, 4, "a long key", peer -> of((short) 4, GROUP, "g".repeat(30_000)));
    }

    /** The internal topics are made when somebody asks for the first time. */
    private static TextNode await(Peer peer, byte type) {
        short version = FIND_COORDINATOR.latestVersion();
        Awaitility.await().atMost(CREATION).pollInterval(Duration.ofMillis(50)).until(() -> {
            FindCoordinatorResponseData answer = peer.answer(FIND_COORDINATOR, version, of(version, type, "any"));
            return answer.coordinators().get(0).errorCode() == 0;
        });
        return TextNode.valueOf("found");
    }

    private static FindCoordinatorRequestData of(short version, byte type, String... keys) {
        var request = new FindCoordinatorRequestData().setKeyType(type);
        return version < 4 ? request.setKey(keys[0]) : request.setCoordinatorKeys(List.of(keys));
    }
}
