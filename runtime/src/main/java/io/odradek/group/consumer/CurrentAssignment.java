package io.odradek.group.consumer;

import io.odradek.group.message.ConsumerGroupCurrentMemberAssignmentValue;

/**
 * Where a member stands: the content of a ConsumerGroupCurrentMemberAssignment record.
 *
 * @param epoch that the member is expected to send; {@link #AWAY} of a static member that has left for a while
 * @param previousEpoch which the member may still send, since the response that told it the new one may be lost
 * @param assigned what it owns and is to keep
 * @param pendingRevocation what it owns and has been told to give up
 */
record CurrentAssignment(
        int epoch, int previousEpoch, MemberState state, OwnedPartitions assigned, OwnedPartitions pendingRevocation) {
    /** The epoch of a static member that has left and may come back. */
    static final int AWAY = -2;

    /** Of a member that is about to join. */
    static final CurrentAssignment JOINING =
            new CurrentAssignment(0, -1, MemberState.STABLE, OwnedPartitions.NONE, OwnedPartitions.NONE);

    static CurrentAssignment of(ConsumerGroupCurrentMemberAssignmentValue value) {
        return new CurrentAssignment(
                value.memberEpoch(),
                value.previousMemberEpoch(),
                MemberState.of(value.state()),
                OwnedPartitions.of(value.assignedPartitions(), value.memberEpoch()),
                OwnedPartitions.of(value.partitionsPendingRevocation(), value.memberEpoch()));
    }

    ConsumerGroupCurrentMemberAssignmentValue toRecord() {
        return new ConsumerGroupCurrentMemberAssignmentValue()
                .setMemberEpoch(epoch)
                .setPreviousMemberEpoch(previousEpoch)
                .setState(state.value())
                .setAssignedPartitions(assigned.toRecord())
                .setPartitionsPendingRevocation(pendingRevocation.toRecord());
    }

    /** The member moves on, or stays in its epoch with other partitions: in both cases it may still send the old one. */
    CurrentAssignment next(int epoch, MemberState state, OwnedPartitions assigned, OwnedPartitions pendingRevocation) {
        return new CurrentAssignment(epoch, this.epoch, state, assigned, pendingRevocation);
    }

    /** The partitions stay reserved; whoever comes back under the same instance id has them since epoch 0. */
    CurrentAssignment away() {
        return new CurrentAssignment(AWAY, previousEpoch, state, assigned.withEpochs(epoch -> 0), OwnedPartitions.NONE);
    }

    /** Of the member that takes the place of this one under its instance id. */
    CurrentAssignment rejoining() {
        return new CurrentAssignment(0, 0, state, assigned, pendingRevocation);
    }

    boolean isReconciledTo(int targetEpoch) {
        return state == MemberState.STABLE && epoch == targetEpoch;
    }
}
