package io.odradek.replication;

import java.util.List;
import org.apache.kafka.common.Uuid;

/**
 * What a leader wants the in-sync replicas to be (KIP-497).
 *
 * @param partitionEpoch of the state that the leader has seen: if it has moved on, the proposal is void
 * @param members the leader included, in the order of the replicas
 */
public record IsrProposal(Uuid topicId, int partition, int leaderEpoch, int partitionEpoch, List<Member> members) {
    public IsrProposal {
        members = List.copyOf(members);
    }

    /** @param brokerEpoch with which it fetches (KIP-903); of the leader {@link FollowerState#UNKNOWN_EPOCH} */
    public record Member(int brokerId, long brokerEpoch) {}

    List<Integer> ids() {
        return members.stream().map(Member::brokerId).toList();
    }
}
