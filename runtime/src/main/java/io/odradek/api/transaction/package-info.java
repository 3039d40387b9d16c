/** Handlers of the APIs of transactions, for clients and between brokers. */
package io.odradek.api.transaction;
