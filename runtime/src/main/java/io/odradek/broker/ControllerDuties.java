package io.odradek.broker;

import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Command.ElectLeader;
import io.odradek.metadata.Command.FenceBroker;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.ElectionType;

/** What the active controller has to propose: functions of the metadata and of who is there. */
final class ControllerDuties {
    private ControllerDuties() {}

    /**
     * The brokers that are in service and that nobody sees any more.
     *
     * @param present nodes that the controller is connected to, itself among them
     */
    static List<FenceBroker> fencing(MetadataImage image, Set<Integer> present) {
        var gone = new ArrayList<FenceBroker>();
        for (var broker : image.brokers().values()) {
            if (!broker.fenced() && !present.contains(broker.id())) {
                gone.add(new FenceBroker(broker.id(), broker.epoch()));
            }
        }
        return gone;
    }

    /**
     * The partitions whose leadership can go back to the preferred replica: that is in service, in sync, and not the
     * leader.
     *
     * @param limit of them at a time, so that no client sees all its leaders move at once
     */
    static List<ElectLeader> preferredLeaders(MetadataImage image, int limit) {
        var elections = new ArrayList<ElectLeader>();
        for (var topic : image.topics().all()) {
            for (var partition : topic.partitions()) {
                if (elections.size() == limit) {
                    return elections;
                }
                if (mayReturn(image, partition)) {
                    elections.add(new ElectLeader(topic.id(), partition.partition(), ElectionType.PREFERRED));
                }
            }
        }
        return elections;
    }

    private static boolean mayReturn(MetadataImage image, PartitionImage partition) {
        int preferred = partition.preferredLeader();
        return partition.leader() != preferred
                && partition.isr().contains(preferred)
                && image.broker(preferred).filter(ControllerDuties::mayLead).isPresent();
    }

    private static boolean mayLead(BrokerImage broker) {
        return !broker.fenced() && !broker.inControlledShutdown();
    }
}
