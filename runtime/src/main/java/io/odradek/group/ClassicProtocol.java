package io.odradek.group;

import io.odradek.coordinator.Decision;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;

/**
 * The requests of the classic group protocol. Not only classic groups understand it: members that speak it may be in a
 * consumer group while that migrates (KIP-848). {@link GroupShard#classicProtocol} finds who answers for a group.
 *
 * <p>The inner stages of join and sync complete when the group has rebalanced, or the shard is unloaded. Errors are in
 * the responses, never failures.
 */
public interface ClassicProtocol {
    Decision<CompletionStage<JoinGroupResponseData>> join(ClassicCaller caller, JoinGroupRequestData request);

    Decision<CompletionStage<SyncGroupResponseData>> sync(ClassicCaller caller, SyncGroupRequestData request);

    Decision<HeartbeatResponseData> heartbeat(ClassicCaller caller, HeartbeatRequestData request);

    Decision<LeaveGroupResponseData> leave(ClassicCaller caller, LeaveGroupRequestData request);
}
