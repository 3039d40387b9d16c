package io.odradek.network;

import io.netty.buffer.PooledByteBufAllocator;
import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Endpoint;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataListener;
import io.odradek.network.BrokerRequest.Records;
import io.odradek.replication.LeaderConnection;
import io.odradek.transaction.BrokerRequests;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * Speaks Kafka's protocol to other brokers, over their inter-broker listener. Connections are made when they are first
 * used, and made anew when they broke; what was under way then fails, and it is for whoever asked to ask again.
 *
 * <p>Thread safe. Answers are given on the client's event loops, which must not be blocked.
 */
public final class BrokerClient implements BrokerRequests, MetadataListener, AutoCloseable {
    private static final String THREAD_NAME = "odradek-replication";
    /** Threads that look up names of hosts: more than one, since one name may take long. They go when idle. */
    private static final int LOOKUP_THREADS = 2;

    private static final int LOOKUP_QUEUE = 1000;
    private static final long LOOKUP_IDLE_SECONDS = 10;

    private final BrokerClientConfig config;
    private final IntFunction<Optional<Endpoint>> whereIs;
    private final Optional<TlsCredentials> credentials;
    private final Optional<CertificateWatch> certificateWatch;
    /** Without a bound of its own: a connection has one large answer at a time at most. */
    private final RequestMemory memory = new RequestMemory(Long.MAX_VALUE);

    private final PooledByteBufAllocator allocator;
    private final EventLoops loops;
    private final ThreadPoolExecutor lookups;
    private final BrokerDialer dialer;
    /** By broker. */
    private final Map<Integer, BrokerConnection> shared = new ConcurrentHashMap<>();
    /** All that are not closed, the shared ones too. */
    private final Set<BrokerConnection> connections = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    private BrokerClient(BrokerClientConfig config, IntFunction<Optional<Endpoint>> whereIs) {
        this.config = config;
        this.whereIs = whereIs;
        credentials = credentials(config);
        certificateWatch =
                credentials.map(c -> new CertificateWatch(() -> List.of(c), config.certificateCheckInterval()));
        loops = new EventLoops(THREAD_NAME, config.threads());
        lookups = new ThreadPoolExecutor(
                LOOKUP_THREADS,
                LOOKUP_THREADS,
                LOOKUP_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(LOOKUP_QUEUE),
                task -> {
                    var thread = new Thread(task, THREAD_NAME + "-lookup");
                    thread.setDaemon(true);
                    return thread;
                });
        lookups.allowCoreThreadTimeOut(true);
        allocator = Buffers.allocator(config.threads());
        dialer = new BrokerDialer(config, loops, allocator, memory, credentials, lookups);
    }

    /**
     * Connects to nobody yet.
     *
     * @param whereIs the address of a broker's inter-broker listener, asked whenever it is to be connected to; must not
     *     block
     * @throws ConfigException the listener's security settings are malformed
     */
    public static BrokerClient start(BrokerClientConfig config, IntFunction<Optional<Endpoint>> whereIs) {
        return new BrokerClient(config, whereIs);
    }

    private static Optional<TlsCredentials> credentials(BrokerClientConfig config) {
        return switch (config.securityProtocol()) {
            case PLAINTEXT -> Optional.empty();
            case SSL ->
                Optional.of(new TlsCredentials(
                        config.listener() + ", as a client of other brokers", config.ssl(), ConnectionMode.CLIENT));
            default ->
                throw new ConfigException("listener " + config.listener() + ": security protocol "
                        + config.securityProtocol() + " is not supported; PLAINTEXT and SSL are");
        };
    }

    /**
     * For a broker that has others: says now what would keep it from speaking to them.
     *
     * @throws ConfigException the certificates of the inter-broker listener cannot be used, or brokers that have the same
     *     would not trust each other
     */
    public void requireUsable() {
        credentials.ifPresent(TlsCredentials::requireUsable);
    }

    /** Uses other certificates for new connections. Reads files; not to be called on an event loop. */
    public void reconfigure(BrokerClientConfig wanted) {
        if (wanted.securityProtocol() == SecurityProtocol.SSL) {
            credentials.ifPresent(c -> c.reconfigure(wanted.ssl()));
        }
    }

    /** Over a connection that all who send to the broker share. Records of an answer are copies. */
    @Override
    public CompletionStage<AbstractResponse> send(int broker, AbstractRequest.Builder<?> request) {
        var answer = new CompletableFuture<AbstractResponse>();
        shared.computeIfAbsent(broker, id -> connection(id, config.clientId(), config.requestTimeout()))
                .send(request, Records.COPIED, (response, failure) -> {
                    if (failure == null) {
                        answer.complete(response);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
        return answer;
    }

    /**
     * A connection of its own for a follower that fetches from the broker.
     *
     * @param clientId as the leader sees it
     */
    public LeaderConnection connectTo(int broker, String clientId) {
        return new FetchConnection(connection(broker, clientId, config.fetchTimeout()));
    }

    private BrokerConnection connection(int broker, String clientId, Duration requestTimeout) {
        var connection = new BrokerConnection(
                broker,
                clientId,
                requestTimeout,
                config,
                () -> whereIs.apply(broker),
                dialer,
                loops.next(Integer.MAX_VALUE));
        connections.add(connection);
        if (closed) {
            connection.close();
        }
        return connection;
    }

    private final class FetchConnection implements LeaderConnection {
        private final BrokerConnection connection;

        FetchConnection(BrokerConnection connection) {
            this.connection = connection;
        }

        @Override
        public void fetch(FetchRequest.Builder request, BiConsumer<FetchResponse, Throwable> handler) {
            connection.send(
                    request, Records.LENT, (response, failure) -> handler.accept((FetchResponse) response, failure));
        }

        @Override
        public void close() {
            connections.remove(connection);
            connection.close();
        }
    }

    /**
     * What was asked of a broker that is out of service by now, or has been started anew, fails at once: whoever asked would
     * wait for the whole time-out else, if the broker is silent, while somebody else could answer already.
     */
    @Override
    public void onChange(MetadataChange change) {
        for (int broker : change.brokers()) {
            var before = change.before().broker(broker).map(BrokerImage::epoch);
            var after = change.after().broker(broker).filter(b -> !b.fenced()).map(BrokerImage::epoch);
            var connection = shared.get(broker);
            if (connection != null && (after.isEmpty() || !after.equals(before))) {
                connection.reset("the broker is out of service, or was started anew");
            }
        }
    }

    /** Bytes of answers that are incomplete or being handled. */
    public long responseMemoryBytes() {
        return memory.usedBytes();
    }

    /** Buffers that are in use, or freed and kept by a thread for its next: none once the client is closed. */
    long buffersInUse() {
        return Buffers.inUse(allocator);
    }

    /**
     * Fails what has no answer, and closes every connection. When it returns, its threads do nothing any more. Idempotent.
     * Not to be called on one of the client's event loops.
     */
    @Override
    public void close() {
        closed = true;
        connections.forEach(BrokerConnection::close);
        lookups.shutdownNow();
        loops.close();
        certificateWatch.ifPresent(CertificateWatch::close);
    }
}
