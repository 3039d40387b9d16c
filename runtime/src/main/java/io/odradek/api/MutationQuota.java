package io.odradek.api;

import io.odradek.security.Quotas;
import io.odradek.spi.QuotaEnforcer.Usage;

/**
 * What one request may change of the metadata under the quota for controller mutations (KIP-599). Not thread-safe.
 *
 * <p>A strict quota refuses changes while the client is over it; a permissive one, for versions of a request that know no
 * THROTTLING_QUOTA_EXCEEDED, lets all of them pass and throttles afterwards.
 */
final class MutationQuota {
    private final Quotas quotas;
    private final RequestContext context;
    private final boolean strict;
    private int throttleMs;

    private MutationQuota(Quotas quotas, RequestContext context, boolean strict) {
        this.quotas = quotas;
        this.context = context;
        this.strict = strict;
    }

    /** @param firstStrictVersion of the request's API */
    static MutationQuota of(Quotas quotas, RequestContext context, int firstStrictVersion) {
        return new MutationQuota(quotas, context, context.apiVersion() >= firstStrictVersion);
    }

    /** Counts the partitions in, unless they are refused. */
    boolean admits(int partitions) {
        if (strict) {
            int owed = record(0);
            if (owed > 0) {
                throttleMs = Math.max(throttleMs, owed);
                return false;
            }
        }
        throttleMs = Math.max(throttleMs, record(partitions));
        return true;
    }

    int throttleMs() {
        return throttleMs;
    }

    private int record(int partitions) {
        return quotas.record(context.client(), context.clientId(), Usage.CONTROLLER_MUTATIONS, partitions);
    }
}
