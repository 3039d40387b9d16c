/** Puts the parts together: a broker is one object that a test starts and stops. */
package io.odradek.broker;
