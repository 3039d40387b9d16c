package io.odradek.network;

import io.netty.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jboss.logging.Logger;

/** A request to another broker and who is told what becomes of it, once. Belongs to the connection's event loop. */
final class BrokerRequest {
    /** Where the records of an answer are. */
    enum Records {
        /** On the heap: they stay. */
        COPIED,
        /** In the network's memory, for as long as the handler runs. */
        LENT
    }

    private static final Logger LOG = Logger.getLogger(BrokerRequest.class);

    final AbstractRequest.Builder<?> builder;
    final Records records;
    private final BiConsumer<AbstractResponse, Throwable> handler;
    /** Null while there is none. */
    private Future<?> timeout;

    private boolean settled;

    BrokerRequest(
            AbstractRequest.Builder<?> builder, Records records, BiConsumer<AbstractResponse, Throwable> handler) {
        this.builder = builder;
        this.records = records;
        this.handler = handler;
    }

    void timeout(Future<?> timeout) {
        this.timeout = timeout;
    }

    void answer(AbstractResponse response) {
        settle(response, null);
    }

    void fail(Throwable why) {
        settle(null, why);
    }

    private void settle(AbstractResponse response, Throwable failure) {
        if (settled) {
            return;
        }
        settled = true;
        if (timeout != null) {
            timeout.cancel(false);
        }
        try {
            handler.accept(response, failure);
        } catch (Throwable e) {
            LOG.errorf(e, "What another broker said to %s was not taken", builder.apiKey());
        }
    }

    @Override
    public String toString() {
        return builder.apiKey().toString();
    }
}
