package io.odradek.group.consumer;

import java.util.Optional;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/**
 * What a heartbeat comes to.
 *
 * @param lookup regular expressions to look up, for whom the response does not wait
 */
public record HeartbeatOutcome(ConsumerGroupHeartbeatResponseData response, Optional<RegexLookup> lookup) {
    static HeartbeatOutcome of(ConsumerGroupHeartbeatResponseData response) {
        return new HeartbeatOutcome(response, Optional.empty());
    }
}
