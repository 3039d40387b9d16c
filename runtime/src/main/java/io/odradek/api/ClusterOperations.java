package io.odradek.api;

import io.odradek.security.AccessControl;
import io.odradek.security.ClientIdentity;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;

/** The operations on the cluster that are reported to a client which asks for them (KIP-430). */
final class ClusterOperations {
    private ClusterOperations() {}

    /** 0 for a client that may not describe the cluster. */
    static CompletionStage<Integer> of(AccessControl access, ClientIdentity client) {
        return access.allowedOnCluster(client, AclOperation.DESCRIBE)
                .thenCompose(allowed -> allowed
                        ? access.authorizedOperations(client, ResourceType.CLUSTER, List.of(Resource.CLUSTER_NAME))
                                .thenApply(operations -> operations.applyAsInt(Resource.CLUSTER_NAME))
                        : CompletableFuture.completedStage(0));
    }
}
