/** One handler class per Kafka API: decodes nothing, encodes nothing, decides. */
package io.odradek.api;
