package io.odradek.network;

import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchSnapshotResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jboss.logging.Logger;

/** Gives back the files behind a response that will not be sent. */
final class ResponseRecords {
    private static final Logger LOG = Logger.getLogger(ResponseRecords.class);

    private ResponseRecords() {}

    static void close(AbstractResponse response) {
        if (response.data() instanceof FetchResponseData fetch) {
            fetch.responses().forEach(topic -> topic.partitions().forEach(p -> close(p.records())));
        } else if (response.data() instanceof ShareFetchResponseData fetch) {
            fetch.responses().forEach(topic -> topic.partitions().forEach(p -> close(p.records())));
        } else if (response.data() instanceof FetchSnapshotResponseData fetch) {
            fetch.topics().forEach(topic -> topic.partitions().forEach(p -> close(p.unalignedRecords())));
        }
    }

    private static void close(Object records) {
        if (records instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.error("records of a response could not be given back", e);
            }
        }
    }
}
