package io.odradek.group;

import java.util.Optional;

/**
 * Who wants to commit offsets.
 *
 * @param memberId empty text for a consumer outside of the group's rebalancing (assign(), Admin)
 * @param groupInstanceId of a static member
 * @param generationIdOrMemberEpoch -1 with an empty {@code memberId}
 * @param transactional whether the offsets belong to a transaction
 * @param apiVersion of the OffsetCommit or TxnOffsetCommit request
 */
public record OffsetCommitter(
        String memberId,
        Optional<String> groupInstanceId,
        int generationIdOrMemberEpoch,
        boolean transactional,
        short apiVersion) {}
