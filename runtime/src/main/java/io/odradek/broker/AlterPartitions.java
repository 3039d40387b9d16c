package io.odradek.broker;

import io.odradek.metadata.BrokerState;
import io.odradek.metadata.Command.AlterPartition;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.replication.IsrProposal;
import io.odradek.replication.IsrProposals;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.StaleBrokerEpochException;

/** Takes what leaders of this broker propose to the metadata, in the name of the broker's present registration. */
final class AlterPartitions implements IsrProposals {
    private final MetadataStore metadata;
    private final int nodeId;

    AlterPartitions(MetadataStore metadata, int nodeId) {
        this.metadata = metadata;
        this.nodeId = nodeId;
    }

    @Override
    public CompletionStage<PartitionImage> propose(IsrProposal proposal) {
        var broker = metadata.image().broker(nodeId);
        if (broker.isEmpty()) {
            return CompletableFuture.failedStage(
                    new StaleBrokerEpochException("Broker " + nodeId + " is not registered any more"));
        }
        return metadata.propose(new AlterPartition(
                nodeId,
                broker.get().epoch(),
                proposal.topicId(),
                proposal.partition(),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                proposal.members().stream()
                        .map(member -> new BrokerState(member.brokerId(), member.brokerEpoch()))
                        .toList()));
    }
}
