package io.odradek.bench;

import java.io.IOException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

/** A member of a group, without a consumer around it. For one thread at a time. */
interface Member {
    /** Does what the protocol wants next, and waits for the answers: joins, or says that it is there. */
    void step(Connection connection) throws IOException;

    /** Which state of the group this member agrees to; negative while it does not. Members that all agree are stable. */
    int agreedEpoch();

    /** What a member of a stable group sends from time to time. */
    AbstractRequest heartbeat();

    /** @throws IllegalStateException if the group is not stable after all */
    void checkStable(AbstractResponse answer);
}
