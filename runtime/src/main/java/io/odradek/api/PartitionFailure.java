package io.odradek.api;

import io.odradek.log.RecordValidationException;
import io.odradek.security.ClientText;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;

/** What went wrong with one partition of a request: Kafka's error, or our own bug, which is logged. */
final class PartitionFailure {
    private static final Logger LOG = Logger.getLogger(PartitionFailure.class);

    private PartitionFailure() {}

    static Errors error(RequestContext context, String topic, int partition, RuntimeException thrown) {
        if (thrown instanceof RecordValidationException invalid) {
            return Errors.forException(invalid.error());
        }
        if (!(thrown instanceof ApiException)) {
            LOG.errorf(thrown, "%s failed for %s-%d", ClientText.oneLine(context.header()), topic, partition);
        }
        return Errors.forException(thrown);
    }
}
